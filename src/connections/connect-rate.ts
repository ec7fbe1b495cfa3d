import type { Clock, Timer } from '../clock/clock.ts';

/** Grants are handed out this often; at 200 a second that is 4 at a time, too few to flood anything. */
const TICK_MS = 20;

type Waiting = { readonly grant: () => void; cancelled: boolean };

/** Keeps the whole process below so many connects a second. First come, first served. */
export class ConnectRate {
  readonly #clock: Clock;
  #perSecond: number;
  #queue: Waiting[] = [];
  #head = 0;
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
    const waiting: Waiting = { grant, cancelled: false };
    this.#queue.push(waiting);
    if (this.#tick === null) this.#tick = this.#clock.after(0, () => this.#serve());
    return {
      cancel() {
        waiting.cancelled = true;
      },
    };
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
      if (waiting === undefined || waiting.cancelled) continue;
      this.#credit -= 1;
      waiting.grant();
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      return;
    }
    const untilNext = ((1 - this.#credit) * 1000) / this.#perSecond;
    this.#tick = this.#clock.after(Math.max(TICK_MS, untilNext), () => this.#serve());
  }
}
