import type { Clock, Timer } from '../../clock/clock.ts';
import { type Turn, TurnQueue } from './turn-queue.ts';

/** Grants are handed out this often; at 200 a second that is 4 at a time, too few to flood anything. */
const TICK_MS = 20;
/** A tick that is late by more has others waiting behind it: the sockets that are readable now are read first. */
const LATE_MS = 50;
/** Grants hold the event loop so long at a time. */
const SLICE_MS = 5;
/** Names with up to five addresses connect in a mass start, and one with a thousand leaves a fifth of the rate to others. */
const FIRST_IN_A_ROW = 4;

export type ConnectRateContext = {
  readonly clock: Clock;
  /** Whether ends of connections wait to be served. */
  readonly ends: { readonly isWaiting: boolean };
};

/**
 * Keeps the whole process below so many connects a second. First come, first served; further addresses of attempts that
 * run go before new attempts, which would else keep them waiting until they are over, but no more than four in a row.
 * Nothing is granted while ends of connections wait to be served: those come first.
 */
export class ConnectRate {
  readonly #clock: Clock;
  readonly #ends: { readonly isWaiting: boolean };
  #perSecond: number;
  readonly #first = new TurnQueue();
  readonly #later = new TurnQueue();
  /** Turns of further addresses since the last turn of a new attempt. */
  #inARow = 0;
  /** Requests that still want their turn. */
  #wanted = 0;
  #credit = 1;
  #creditAt: number;
  #isPaused = false;
  #tick: Timer | null = null;
  #tickDueAt = 0;

  constructor({ clock, ends }: ConnectRateContext, perSecond: number) {
    this.#clock = clock;
    this.#ends = ends;
    this.#perSecond = perSecond;
    this.#creditAt = clock.monotonic();
  }

  setRate(perSecond: number): void {
    this.#refill();
    this.#perSecond = perSecond;
  }

  /** Grants nothing until it is called with false; requests wait in their order. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused && this.#wanted > 0 && this.#tick === null) this.#tickAfter(0);
  }

  /** Calls `grant` when it is this caller's turn, never before this call returned. */
  request(grant: () => void): Timer {
    return this.#enqueue(this.#later, grant);
  }

  /** The same for a further address of an attempt that runs: it goes before new attempts. */
  requestFirst(grant: () => void): Timer {
    return this.#enqueue(this.#first, grant);
  }

  #enqueue(queue: TurnQueue, grant: () => void): Timer {
    const turn: Turn = { grant };
    queue.push(turn);
    this.#wanted++;
    if (this.#tick === null && !this.#isPaused) this.#tickAfter(0);
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

  #nextTurn(): Turn | null {
    const first = this.#inARow < FIRST_IN_A_ROW ? this.#first.shift() : null;
    if (first !== null) {
      this.#inARow++;
      return first;
    }
    this.#inARow = 0;
    return this.#later.shift() ?? this.#first.shift();
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const burst = Math.max(1, (this.#perSecond * TICK_MS) / 1000);
    this.#credit = Math.min(burst, this.#credit + ((now - this.#creditAt) * this.#perSecond) / 1000);
    this.#creditAt = now;
  }

  #tickAfter(ms: number): void {
    this.#tickDueAt = this.#clock.monotonic() + ms;
    this.#tick = this.#clock.after(ms, () => {
      if (this.#clock.monotonic() - this.#tickDueAt <= LATE_MS) this.#serve();
      else this.#tick = this.#clock.afterPoll(() => this.#serve());
    });
  }

  #serve(): void {
    this.#tick = null;
    if (this.#isPaused) return;
    this.#refill();
    const sliceEndsAt = this.#clock.monotonic() + SLICE_MS;
    while (this.#credit >= 1 && !this.#ends.isWaiting && this.#clock.monotonic() < sliceEndsAt) {
      const turn = this.#nextTurn();
      if (turn === null) break;
      this.#credit -= 1;
      this.#take(turn)?.();
    }
    if (this.#wanted === 0 || this.#tick !== null) return;
    const untilNext = ((1 - this.#credit) * 1000) / this.#perSecond;
    this.#tickAfter(Math.max(TICK_MS, untilNext));
  }
}
