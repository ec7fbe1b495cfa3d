import type { TraceRef } from '../../domain/events/connection-events.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import { type Exemplar, exemplarText, labelPairs, valueText } from './exposition-text.ts';
import { familyNamed, type LabelsOf, type MetricName } from './metric-catalogue.ts';

/** The event that was counted: when, and where its span is. */
export type Cause = { readonly at: number; readonly trace?: TraceRef };

/** One series of a counter, and the trace that it counted last. */
export class TracedCount {
  #value = 0;
  #exemplar: Exemplar | null = null;

  inc(cause: Cause): void {
    this.#value++;
    this.#exemplar = exemplarOf(cause, 1) ?? this.#exemplar;
  }

  /** `series` is its name with labels. */
  text(series: string, format: ExpositionFormat): string {
    return `${series} ${valueText(this.#value)}${shown(this.#exemplar, format)}\n`;
  }
}

/** One series of a histogram of lengths, and for each bucket the trace that it observed last. */
export class TracedBuckets {
  readonly #bounds: readonly number[];
  /** How many each bucket has alone; the last is the one without a bound. */
  readonly #counts: number[];
  #exemplars: (Exemplar | undefined)[] | null = null;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(milliseconds: number, cause: Cause): void {
    const seconds = toSeconds(milliseconds);
    // A bucket holds what is equal to its bound.
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
    const exemplar = exemplarOf(cause, seconds);
    if (exemplar !== null) (this.#exemplars ??= [])[bucket] = exemplar;
  }

  text(name: string, labels: Readonly<Record<string, string>>, format: ExpositionFormat): string {
    let text = '';
    let count = 0;
    for (const [bucket, own] of this.#counts.entries()) {
      count += own;
      const pairs = labelPairs({ ...labels, le: this.#bounds[bucket] ?? '+Inf' }, format);
      text += `${name}_bucket{${pairs}} ${count}${shown(this.#exemplars?.[bucket] ?? null, format)}\n`;
    }
    const pairs = labelPairs(labels, format);
    return `${text}${name}_sum{${pairs}} ${valueText(this.#sum)}\n${name}_count{${pairs}} ${count}\n`;
  }
}

/** A counter of the catalogue. Its series are made once, and counted without a look at their labels. */
export class TracedCounter<N extends MetricName> {
  readonly #name: N;
  readonly #series: { readonly labels: LabelsOf<N>; readonly count: TracedCount }[] = [];

  constructor(name: N) {
    this.#name = name;
  }

  /** A new series, at 0. */
  series(labels: LabelsOf<N>): TracedCount {
    const count = new TracedCount();
    this.#series.push({ labels, count });
    return count;
  }

  text(format: ExpositionFormat): string {
    let text = '';
    for (const { labels, count } of this.#series) {
      text += count.text(`${this.#name}{${labelPairs(labels, format)}}`, format);
    }
    return text;
  }
}

/** A histogram of the catalogue, of lengths. Its series are made once, as a counter's are. */
export class TracedHistogram<N extends MetricName> {
  readonly #name: N;
  readonly #bounds: readonly number[];
  readonly #series: { readonly labels: LabelsOf<N>; readonly buckets: TracedBuckets }[] = [];

  constructor(name: N) {
    this.#name = name;
    this.#bounds = familyNamed(name).buckets ?? [];
  }

  /** A new series, with nothing observed. */
  series(labels: LabelsOf<N>): TracedBuckets {
    const buckets = new TracedBuckets(this.#bounds);
    this.#series.push({ labels, buckets });
    return buckets;
  }

  text(format: ExpositionFormat): string {
    let text = '';
    for (const { labels, buckets } of this.#series) text += buckets.text(this.#name, labels, format);
    return text;
  }
}

/** An exemplar of a span that was never recorded would lead nowhere. */
function exemplarOf({ at, trace }: Cause, value: number): Exemplar | null {
  if (trace?.recorded !== true) return null;
  return { traceId: trace.traceId, spanId: trace.spanId, value, timestamp: toSeconds(at) };
}

/** The text format has no exemplars. */
function shown(exemplar: Exemplar | null, format: ExpositionFormat): string {
  return exemplar !== null && format === 'openmetrics' ? exemplarText(exemplar) : '';
}
