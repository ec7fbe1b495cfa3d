/** What became of spans. */
export type SpanCounts = {
  readonly exported: number;
  /** Handed to a request that the collector did not accept, or partly, or not in time. */
  readonly failed: number;
  /** Never handed to a request: the queue was full, or the time to flush was over. */
  readonly dropped: number;
  /** Not made: a storm, or one more failure of a peer that is down anyway. */
  readonly suppressed: number;
};

export type SpanOutcome = keyof SpanCounts;

/**
 * Counts spans. `made` is counted where a span is called for, the outcomes where they happen, so that
 * made = exported + failed + dropped + suppressed + still waiting is a check and no tautology.
 */
export type SpanLedger = {
  make(spans: number): void;
  settle(outcome: SpanOutcome, spans: number): void;
  made(): number;
  counts(): SpanCounts;
};

export function createSpanLedger(): SpanLedger {
  const counts = { exported: 0, failed: 0, dropped: 0, suppressed: 0 };
  let made = 0;
  return {
    make(spans) {
      made += spans;
    },
    settle(outcome, spans) {
      counts[outcome] += spans;
    },
    made: () => made,
    counts: () => ({ ...counts }),
  };
}
