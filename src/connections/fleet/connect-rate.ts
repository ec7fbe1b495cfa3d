import type { Clock, Timer } from '../../clock/clock.ts';
import { type Turn, TurnQueue } from './turn-queue.ts';

/** Grants are handed out this often; at 200 a second that is 4 at a time, too few to flood anything. */
const TICK_MS = 20;

/**
 * Keeps the whole process below so many connects a second. First come, first served; further addresses of attempts that
 * run go before new attempts, which would else keep them waiting until they are over.
 */
export class ConnectRate {
  readonly #clock: Clock;
  #perSecond: number;
  readonly #first = new TurnQueue();
  readonly #later = new TurnQueue();
  /** Requests that still want their turn. */
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
    return this.#enqueue(this.#later, grant);
  }

  /** The same for a further address of an attempt that runs: it goes before all new attempts. */
  requestFirst(grant: () => void): Timer {
    return this.#enqueue(this.#first, grant);
  }

  #enqueue(queue: TurnQueue, grant: () => void): Timer {
    const turn: Turn = { grant };
    queue.push(turn);
    this.#wanted++;
    if (this.#tick === null) this.#tick = this.#clock.after(0, () => this.#serve());
    return { cancel: () => void this.#take(turn) };
  }

  /** Takes a request out of the count; the last one leaves no timer behind. */
  #take(turn: Turn): (() => void) | null {
    const { grant } = turn;
    if (grant === null) return null;
    turn.grant = null;
    if (--this.#wanted === 0) {
      this.#first.clear();
      this.#later.clear();
      this.#tick?.cancel();
      this.#tick = null;
    }
    return grant;
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
    while (this.#credit >= 1) {
      const turn = this.#first.shift() ?? this.#later.shift();
      if (turn === null) break;
      this.#credit -= 1;
      this.#take(turn)?.();
    }
    if (this.#wanted === 0 || this.#tick !== null) return;
    const untilNext = ((1 - this.#credit) * 1000) / this.#perSecond;
    this.#tick = this.#clock.after(Math.max(TICK_MS, untilNext), () => this.#serve());
  }
}
