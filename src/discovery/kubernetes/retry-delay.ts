import type { Clock } from '../../clock/clock.ts';

/** The figures of the reference client (client-go, reflector): 0.8 s doubling to 30 s, and up to as much again by chance. */
const FIRST_MS = 800;
const LONGEST_MS = 30_000;
/** Without a failure for this long the next one is a first one again. */
const FORGOTTEN_AFTER_MS = 120_000;

/** How long to wait after a failure before the API server is asked again. */
export class RetryDelay {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #random: () => number;
  #nextMs = FIRST_MS;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param random uniform in 0..1 */
  constructor(clock: Pick<Clock, 'monotonic'>, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The wait after one more failure: drawn from 0.8 to 1.6 s after the first, up to 30 to 60 s. */
  next(): number {
    const now = this.#clock.monotonic();
    if (now - this.#failedAt > FORGOTTEN_AFTER_MS) this.#nextMs = FIRST_MS;
    this.#failedAt = now;
    const delay = this.#nextMs * (1 + this.#random());
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS);
    return delay;
  }
}
