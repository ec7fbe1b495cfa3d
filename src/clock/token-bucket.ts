import type { Clock } from './clock.ts';

/** A limit over time. It starts full. */
export type BucketLimits = {
  /** One more token each ... */
  readonly intervalMs: number;
  /** Tokens that can be taken at once after a rest. */
  readonly burst: number;
};

/** Permits a burst at once and then one each interval. */
export class TokenBucket {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #limits: BucketLimits;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Pick<Clock, 'monotonic'>, limits: BucketLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#filledAt = clock.monotonic();
  }

  /** Takes `count` tokens, all or none; false where fewer than `reserve` would be left. */
  take(count = 1, reserve = 0): boolean {
    const now = this.#clock.monotonic();
    const { intervalMs, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filledAt) / intervalMs);
    this.#filledAt = now;
    if (this.#tokens - count < reserve) return false;
    this.#tokens -= count;
    return true;
  }
}
