import type { TraceRef } from '../../domain/events/connection-events.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { Exemplar } from './exposition-text.ts';
import { familyNamed, type LabelsOf, type MetricName } from './metric-catalogue.ts';
import {
  ordinaryCounter,
  ordinaryHistogram,
  type OrdinaryCounter,
  type OrdinaryHistogram,
  samplesOf,
  samplesText,
  seriesText,
} from './ordinary-metric.ts';

/** The event that was counted: when, and where its span is. */
export type Cause = { readonly at: number; readonly trace?: TraceRef };

/** A counter that remembers, for each series, the trace that it counted last. */
export class TracedCounter<N extends MetricName> {
  readonly #name: N;
  readonly #counter: OrdinaryCounter<N>;
  readonly #exemplars = new Map<string, Exemplar>();

  constructor(name: N) {
    this.#name = name;
    this.#counter = ordinaryCounter(name);
  }

  /** Makes the series exist at 0. */
  zero(labels: LabelsOf<N>): void {
    this.#counter.inc(labels, 0);
  }

  inc(labels: LabelsOf<N>, cause: Cause): void {
    this.#counter.inc(labels);
    const exemplar = exemplarOf(cause, 1);
    if (exemplar) this.#exemplars.set(seriesText(this.#name, labels, 'openmetrics'), exemplar);
  }

  async text(format: ExpositionFormat): Promise<string> {
    const samples = await samplesOf(this.#counter);
    return samplesText({ name: this.#name, samples, exemplars: this.#exemplars }, format);
  }
}

/** A histogram of lengths that remembers, for each bucket, the trace that it observed last. */
export class TracedHistogram<N extends MetricName> {
  readonly #name: N;
  readonly #histogram: OrdinaryHistogram<N>;
  readonly #bounds: readonly number[];
  readonly #exemplars = new Map<string, Exemplar>();

  constructor(name: N) {
    this.#name = name;
    this.#histogram = ordinaryHistogram(name);
    this.#bounds = familyNamed(name).buckets ?? [];
  }

  /** Makes the series exist, with nothing observed. */
  zero(labels: LabelsOf<N>): void {
    this.#histogram.zero(labels);
  }

  observe(labels: LabelsOf<N>, milliseconds: number, cause: Cause): void {
    const seconds = toSeconds(milliseconds);
    this.#histogram.observe(labels, seconds);
    const exemplar = exemplarOf(cause, seconds);
    if (!exemplar) return;
    // A bucket holds what is equal to its bound.
    const le = this.#bounds.find((bound) => seconds <= bound) ?? '+Inf';
    this.#exemplars.set(seriesText(`${this.#name}_bucket`, { ...labels, le }, 'openmetrics'), exemplar);
  }

  async text(format: ExpositionFormat): Promise<string> {
    const samples = await samplesOf(this.#histogram);
    return samplesText({ name: this.#name, samples, exemplars: this.#exemplars }, format);
  }
}

/** An exemplar of a span that was never recorded would lead nowhere. */
function exemplarOf({ at, trace }: Cause, value: number): Exemplar | undefined {
  if (trace?.recorded !== true) return undefined;
  return { traceId: trace.traceId, spanId: trace.spanId, value, timestamp: toSeconds(at) };
}
