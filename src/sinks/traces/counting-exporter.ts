import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

import type { Clock, Timer } from '../../clock/clock.ts';
import type { CollectorConnection, SendResult } from './collector-connection.ts';
import type { SpanCounter } from './span-counter.ts';

type Callback = Parameters<SpanExporter['export']>[1];
type Batch = { readonly spans: ReadableSpan[]; readonly callback: Callback };
type Request = { readonly connection: CollectorConnection; readonly timer: Timer };

/** The exporter's own timeout comes first where it works: its error says more than ours. */
const GRACE_MS = 250;

export type CountingExporterOptions = {
  readonly connections: readonly CollectorConnection[];
  readonly timeoutMs: number;
  readonly counter: SpanCounter;
  readonly clock: Pick<Clock, 'after' | 'afterPoll'>;
  /** After each batch: what became of it. */
  readonly onResult: (result: SendResult, spans: number) => void;
};

/**
 * Settles every span it is given exactly once, within `timeoutMs` and a grace of being sent. Batches wait for a free
 * connection, however many come at once (a flush hands over the whole queue), and each is serialised in a turn of the
 * event loop of its own.
 */
export class CountingExporter implements SpanExporter {
  readonly #options: CountingExporterOptions;
  readonly #free: CollectorConnection[];
  readonly #waiting: Batch[] = [];
  readonly #underWay = new Map<Batch, Request>();
  readonly #onIdle: (() => void)[] = [];
  #turn: Timer | null = null;

  constructor(options: CountingExporterOptions) {
    this.#options = options;
    this.#free = [...options.connections];
  }

  export(spans: ReadableSpan[], callback: Callback): void {
    this.#waiting.push({ spans, callback });
    this.#sendNext();
  }

  /** Resolves when every span that was handed over is settled. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise<void>((resolve) => void this.#onIdle.push(resolve));
  }

  /** Settles everything at once: what is in a request has failed, what waits is dropped. */
  abandon(): void {
    const result: SendResult = { kind: 'failed', error: 'the time to send what was left is over' };
    for (const batch of this.#waiting.splice(0)) {
      this.#options.counter.settle('dropped', batch.spans.length);
      this.#finish(batch, result);
    }
    for (const [batch, { connection }] of this.#underWay) {
      this.#settle(batch, result);
      connection.abandon();
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  #sendNext(): void {
    if (this.#turn !== null || this.#waiting.length === 0 || this.#free.length === 0) return;
    this.#turn = this.#options.clock.afterPoll(() => {
      this.#turn = null;
      if (this.#free.length === 0) return;
      const batch = this.#waiting.shift();
      const connection = batch && this.#free.pop();
      if (batch === undefined || connection === undefined) return;
      this.#send(batch, connection);
      this.#sendNext();
    });
  }

  #send(batch: Batch, connection: CollectorConnection): void {
    const { timeoutMs, clock } = this.#options;
    const timer = clock.after(timeoutMs + GRACE_MS, () => {
      this.#settle(batch, { kind: 'failed', error: `no answer within ${timeoutMs} ms` });
      connection.abandon();
    });
    this.#underWay.set(batch, { connection, timer });
    connection.send(batch.spans, (result) => this.#settle(batch, result));
  }

  #settle(batch: Batch, result: SendResult): void {
    const request = this.#underWay.get(batch);
    if (request === undefined) return; // the request was given up before its answer came
    this.#underWay.delete(batch);
    request.timer.cancel();
    this.#free.push(request.connection);
    const spans = batch.spans.length;
    // The number of refused spans comes from the collector, which may say anything.
    const failed = result.kind === 'failed' ? spans : Math.min(result.rejected, spans);
    this.#options.counter.settle('failed', failed);
    this.#options.counter.settle('exported', spans - failed);
    this.#finish(batch, result);
    this.#sendNext();
  }

  #finish(batch: Batch, result: SendResult): void {
    this.#options.onResult(result, batch.spans.length);
    // Failures are counted and reported here; the processor would print them again and stop waiting for the rest of a flush.
    batch.callback({ code: 0 });
    if (this.#isIdle()) this.#onIdle.splice(0).forEach((resolve) => resolve());
  }
}
