import type { Clock, Timer } from '../clock/clock.ts';

/** The first change after quiet waits this long for others that belong to it. */
const JOIN_MS = 100;
/** Applied at most once in this time. */
const INTERVAL_MS = 1000;

/** When changes are applied: 100 ms after the first one, at most once a second. */
export class UpdatePace {
  readonly #clock: Clock;
  readonly #apply: () => void;
  #timer: Timer | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, apply: () => void) {
    this.#clock = clock;
    this.#apply = apply;
  }

  /** Whether changes wait for their time. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  /** Something changed: it is applied in its time. */
  request(): void {
    const wait = Math.max(JOIN_MS, this.#lastAt + INTERVAL_MS - this.#clock.monotonic());
    this.#timer ??= this.#clock.after(wait, () => {
      this.#timer = null;
      this.#apply();
    });
  }

  /** All that changed so far is applied now. */
  applied(): void {
    this.#lastAt = this.#clock.monotonic();
    this.stop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
