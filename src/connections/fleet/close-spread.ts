import type { Clock } from '../../clock/clock.ts';

/**
 * When connections are closed that other processes hold from now on: one after the other, as fast as connects are made. Many
 * at once would be a storm for their servers, and nobody waits for it.
 */
export class CloseSpread {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #perSecond: number;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  setRate(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  /** In how many milliseconds the next connection is closed. */
  next(): number {
    const now = this.#clock.monotonic();
    this.#lastAt = Math.max(now, this.#lastAt + 1000 / this.#perSecond);
    return this.#lastAt - now;
  }
}
