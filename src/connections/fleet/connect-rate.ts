import type { Clock, Timer } from '../../clock/clock.ts';

/** Grants are handed out this often; at 200 a second that is 4 at a time, too few to flood anything. */
const TICK_MS = 20;
/** Served entries are cut off in pieces of this size: seldom enough to cost nothing, soon enough to hold little. */
const CUT_AT = 1024;

/** Null: granted or cancelled. */
type Waiting = { grant: (() => void) | null };

/** Keeps the whole process below so many connects a second. First come, first served. */
export class ConnectRate {
  readonly #clock: Clock;
  #perSecond: number;
  #queue: Waiting[] = [];
  #head = 0;
  /** Requests in the queue that still want their turn. */
  #wanted = 0;
  #credit = 1;
  #creditAt: number;
  #tick: Timer | null = null;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#creditAt = clock.monotonic();
  }

  setRate(perSecond: number): void {
    this.#refill();
    this.#perSecond = perSecond;
  }

  /** Calls `grant` when it is this caller's turn, never before this call returned. */
  request(grant: () => void): Timer {
    const waiting: Waiting = { grant };
    this.#queue.push(waiting);
    this.#wanted++;
    if (this.#tick === null) this.#tick = this.#clock.after(0, () => this.#serve());
    return { cancel: () => void this.#take(waiting) };
  }

  /** Takes a request out of the count; the last one leaves no timer behind. */
  #take(waiting: Waiting): (() => void) | null {
    const { grant } = waiting;
    if (grant === null) return null;
    waiting.grant = null;
    if (--this.#wanted === 0) {
      this.#queue = [];
      this.#head = 0;
      this.#tick?.cancel();
      this.#tick = null;
    }
    return grant;
  }

  /** A queue that is never empty, as in a long outage of many peers, must not grow with all that it ever served. */
  #cutServed(): void {
    if (this.#head < CUT_AT || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const burst = Math.max(1, (this.#perSecond * TICK_MS) / 1000);
    this.#credit = Math.min(burst, this.#credit + ((now - this.#creditAt) * this.#perSecond) / 1000);
    this.#creditAt = now;
  }

  #serve(): void {
    this.#tick = null;
    this.#refill();
    while (this.#head < this.#queue.length && this.#credit >= 1) {
      const waiting = this.#queue[this.#head++];
      const grant = waiting === undefined ? null : this.#take(waiting);
      if (grant === null) continue;
      this.#credit -= 1;
      grant();
    }
    if (this.#wanted === 0 || this.#tick !== null) return;
    this.#cutServed();
    const untilNext = ((1 - this.#credit) * 1000) / this.#perSecond;
    this.#tick = this.#clock.after(Math.max(TICK_MS, untilNext), () => this.#serve());
  }
}
