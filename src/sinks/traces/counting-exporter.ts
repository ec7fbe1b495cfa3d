import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

import type { ExportLane, LaneResult } from './export-lane.ts';
import type { SpanLedger } from './span-ledger.ts';
import type { TraceClock } from './trace-clock.ts';

type Callback = Parameters<SpanExporter['export']>[1];
type Batch = { readonly spans: ReadableSpan[]; readonly callback: Callback };

/** The exporter's own timeout comes first where it works: its error says more than ours. */
const GRACE_MS = 250;

export type CountingExporterOptions = {
  readonly lanes: readonly ExportLane[];
  readonly timeoutMs: number;
  readonly ledger: SpanLedger;
  readonly clock: TraceClock;
  /** After each batch: what became of it. */
  readonly onResult: (result: LaneResult, spans: number) => void;
};

export type CountingExporter = SpanExporter & {
  /** Spans that were handed over and are not settled. */
  unsettled(): number;
  /** Resolves when no span is unsettled. */
  idle(): Promise<void>;
  /** Settles everything at once: what is in a request has failed, what waits is dropped. */
  abandon(): void;
};

/**
 * Settles every span it is given exactly once, within `timeoutMs` and a grace of being sent. Batches wait for a free
 * lane, however many come at once (a flush hands over the whole queue), and each is serialised in a turn of the event
 * loop of its own.
 */
export function createCountingExporter(options: CountingExporterOptions): CountingExporter {
  const { ledger, clock } = options;
  const waiting: Batch[] = [];
  const free = [...options.lanes];
  const underWay = new Map<Batch, { readonly lane: ExportLane; readonly timer: { cancel(): void } }>();
  const idlers: (() => void)[] = [];
  let turn: { cancel(): void } | null = null;

  const unsettled = () => [...waiting, ...underWay.keys()].reduce((sum, { spans }) => sum + spans.length, 0);
  const finish = (batch: Batch, result: LaneResult) => {
    options.onResult(result, batch.spans.length);
    // Failures are counted and told here; the processor would print them again and stop waiting for the rest of a flush.
    batch.callback({ code: 0 });
    if (waiting.length === 0 && underWay.size === 0) idlers.splice(0).forEach((resolve) => resolve());
  };
  const settle = (batch: Batch, result: LaneResult) => {
    const request = underWay.get(batch);
    if (request === undefined) return; // a late word from a request that was given up
    underWay.delete(batch);
    request.timer.cancel();
    free.push(request.lane);
    const spans = batch.spans.length;
    const failed = result.kind === 'failed' ? spans : Math.min(result.rejected, spans);
    ledger.settle('failed', failed);
    ledger.settle('exported', spans - failed);
    finish(batch, result);
    pump();
  };
  const send = (batch: Batch, lane: ExportLane) => {
    const timer = clock.after(options.timeoutMs + GRACE_MS, () => {
      settle(batch, { kind: 'failed', error: `no answer within ${options.timeoutMs} ms` });
      lane.abandon();
    });
    underWay.set(batch, { lane, timer });
    lane.send(batch.spans, (result) => settle(batch, result));
  };
  const pump = () => {
    if (turn !== null || waiting.length === 0 || free.length === 0) return;
    turn = clock.afterPoll(() => {
      turn = null;
      const lane = free.at(-1);
      const batch = waiting.shift();
      if (batch === undefined || lane === undefined) return;
      free.pop();
      send(batch, lane);
      pump();
    });
  };
  return {
    export(spans, callback) {
      waiting.push({ spans, callback });
      pump();
    },
    unsettled,
    idle: () =>
      waiting.length === 0 && underWay.size === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => void idlers.push(resolve)),
    abandon() {
      const result: LaneResult = { kind: 'failed', error: 'the time to send what was left is over' };
      for (const batch of waiting.splice(0)) {
        ledger.settle('dropped', batch.spans.length);
        finish(batch, result);
      }
      for (const [batch, { lane }] of underWay) {
        settle(batch, result);
        lane.abandon();
      }
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
