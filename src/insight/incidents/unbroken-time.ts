/** Events may be this much out of order, and clocks are trimmed by less. */
const TOLERATED_MS = 30_000;

/** Wall-clock time that does not go back where the clock is set back: what was found before the step is not in the future. */
export class UnbrokenTime {
  #latest = -Infinity;
  #aheadMs = 0;

  /** @param at wall-clock milliseconds of what happens now */
  from(at: number): number {
    const time = at + this.#aheadMs;
    if (time < this.#latest - TOLERATED_MS) this.#aheadMs += this.#latest - time;
    this.#latest = Math.max(this.#latest, at + this.#aheadMs);
    return at + this.#aheadMs;
  }

  /** The wall-clock milliseconds of such a time, by the clock as it is set now. */
  toWall(time: number): number {
    return time - this.#aheadMs;
  }
}
