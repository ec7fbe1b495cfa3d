import type { LostConnection } from '../../domain/lost-connection.ts';
import type { ConnectionOutcome, TraceRef } from '../../domain/events/connection-events.ts';
import type { ObservedEnded } from '../../domain/events/observed-events.ts';
import type { SpanCounts } from '../../domain/span-counts.ts';
import type { Sink } from '../../events/bus.ts';
import type { TraceSettings } from '../../settings/trace-settings.ts';
import { Pipelines } from './pipelines.ts';
import { SpanCounter } from './span-counter.ts';
import { createSpanRateLimit, OBSERVED_SPAN_RATES, SPAN_RATES } from './span-rate-limit.ts';
import { SpanRecorder } from './span-recorder.ts';
import type { TracesOptions } from './traces-options.ts';

export type Traces = {
  /**
   * Makes the spans of this event, or decides not to. Call it once for each such event, before it is published, and put
   * the answer into its `trace` field. Undefined: tracing is off, or the event was sampled away, suppressed or dropped.
   */
  record(event: ConnectionOutcome | ObservedEnded): TraceRef | undefined;
  /** A `connection` span for each connection that an earlier run of the process left without an end. */
  recordLost(lost: readonly LostConnection[]): void;
  /** Makes the spans of incidents, and forgets a peer that is removed. */
  readonly sink: Sink;
  /** What became of spans since the start, over all reloads. */
  counts(): SpanCounts;
  /** Spans called for since the start: the sum of `counts` and those that still wait. */
  made(): number;
  /** Applies a new configuration. What waits is sent the old way in the background; counts go on. Never rejects. */
  reconfigure(settings: TraceSettings | null): Promise<void>;
  /** Sends what waits, for at most `deadlineMs`. `lost`: spans that failed or were dropped meanwhile. Never rejects. */
  shutdown(deadlineMs: number): Promise<{ readonly lost: number }>;
};

/**
 * Turns events into spans: one short trace per attempt and one per ended connection, linked along the life of a peer (see
 * `SpanRecorder`). The SDK is loaded only when tracing is on; off, `record` costs a comparison.
 */
export async function createTraces(options: TracesOptions): Promise<Traces> {
  const counter = new SpanCounter();
  const pipelines = new Pipelines(options, counter);
  const { rates = SPAN_RATES } = options;
  const recorder = new SpanRecorder({
    counter,
    isAllowed: rates === null ? () => true : createSpanRateLimit(rates, options.clock),
    isObservedAllowed: createSpanRateLimit(OBSERVED_SPAN_RATES, options.clock),
    emit: (shape, links) => pipelines.running?.pipeline.emit(shape, links) ?? null,
  });
  const reconfigure = async (settings: TraceSettings | null) => {
    await pipelines.use(settings);
    if (pipelines.running === null) recorder.clear();
  };
  await reconfigure(options.settings);
  return {
    record(event) {
      if (pipelines.running === null) return undefined;
      const address = recorder.record(event, pipelines.running.plan.samplingRatio);
      return address === null ? undefined : { ...address, recorded: true };
    },
    recordLost(lost) {
      if (pipelines.running !== null) lost.forEach((connection) => recorder.recordLost(connection));
    },
    sink: {
      peer(event) {
        if (event.type === 'peerRemoved') recorder.forget(event.peer.id);
      },
      incident(event) {
        if (pipelines.running !== null) recorder.recordIncident(event);
      },
    },
    counts: () => counter.counts,
    made: () => counter.made,
    reconfigure,
    async shutdown(deadlineMs) {
      const lost = () => counter.counts.failed + counter.counts.dropped;
      const before = lost();
      await pipelines.close(deadlineMs);
      return { lost: lost() - before };
    },
  };
}
