import type { Clock } from '../../clock/clock.ts';
import type { Warn } from '../../domain/events/create-warn.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import type { SendResult } from './collector-connection.ts';

/** A collector that is too slow drops spans all day; one line a minute says so. */
const OVERFLOW_REPORTED_EVERY_MS = 60_000;

export type CollectorHealthOptions = {
  readonly url: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly warn: Warn;
};

/**
 * Reports when spans stop arriving and when they arrive again: the 1st, 2nd, 4th, 8th, ... failure in a row, and the
 * first success with what failed meanwhile. A collector that is down for a day costs a dozen lines.
 */
export class CollectorHealth {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #warn: Warn;
  readonly #collector: string;
  #failures = 0;
  #failedSpans = 0;
  #droppedSpans = 0;
  #droppedReportedAt = Number.NEGATIVE_INFINITY;

  constructor({ url, clock, warn }: CollectorHealthOptions) {
    this.#clock = clock;
    this.#warn = warn;
    this.#collector = withoutSecrets(url);
  }

  /** After each batch. */
  sent(result: SendResult, spans: number): void {
    if (result.kind === 'failed') return this.#failed(result.error, spans);
    if (result.rejected > 0) return this.#failed('it refused spans in a request it accepted', result.rejected);
    const collector = this.#collector;
    if (this.#failures > 0) {
      const fields = { collector, failures: this.#failures, failed_spans: this.#failedSpans };
      this.#warn('warn', 'spans reach the collector again', fields);
    }
    this.#failures = 0;
    this.#failedSpans = 0;
  }

  /** Spans that found the queue full. */
  queueFull(spans: number): void {
    this.#droppedSpans += spans;
    const now = this.#clock.monotonic();
    if (now - this.#droppedReportedAt < OVERFLOW_REPORTED_EVERY_MS) return;
    const message = 'spans are dropped: the collector takes them more slowly than they are made';
    this.#warn('warn', message, { collector: this.#collector, dropped_spans: this.#droppedSpans });
    this.#droppedReportedAt = now;
    this.#droppedSpans = 0;
  }

  #failed(error: string, spans: number): void {
    this.#failures += 1;
    this.#failedSpans += spans;
    if (!isPowerOfTwo(this.#failures)) return;
    const fields = { collector: this.#collector, error, failures: this.#failures };
    this.#warn('warn', 'spans do not reach the collector', fields);
  }
}

/** A user name, a password or a token in the query stay out of the log. */
function withoutSecrets(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}
