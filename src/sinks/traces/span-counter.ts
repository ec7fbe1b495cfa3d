import type { SpanCounts, SpanOutcome } from '../../domain/span-counts.ts';

/**
 * Counts spans. `made` is counted where a span is called for, the outcomes where they happen, so that a test can compare
 * the two: made = exported + failed + dropped + suppressed + still waiting.
 */
export class SpanCounter {
  #made = 0;
  readonly #counts: Record<SpanOutcome, number> = { exported: 0, failed: 0, dropped: 0, suppressed: 0 };

  get made(): number {
    return this.#made;
  }

  get counts(): SpanCounts {
    return { ...this.#counts };
  }

  make(spans: number): void {
    this.#made += spans;
  }

  settle(outcome: SpanOutcome, spans: number): void {
    this.#counts[outcome] += spans;
  }
}
