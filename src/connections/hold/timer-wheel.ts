import type { Clock, Timer } from '../../clock/clock.ts';

/** What is due within this time of each other is done together: ten wake-ups a second for all connections. */
export const TURN_MS = 100;
/** From this wait on samples are due at whole seconds: what is read for one is then still in the processor's caches for the next. */
const LONG_WAIT_MS = 10_000;
const LONG_WAIT_TURNS = 10;
/** How long they may hold the event loop at a time: an end that comes meanwhile waits for it. */
const SLICE_MS = 0.5;

/** Who waits for its turn. */
export type WaitingTaker = { due(): void };

/**
 * One timer for the samples and the heartbeats of all connections; with one for each, setting them again took most of the
 * time that an idle process uses, and each weighs 400 bytes. No timer runs while nothing is asked for.
 */
export class TimerWheel {
  readonly #clock: Clock;
  /** By the number of the turn in which they are due; their order does not matter. */
  readonly #slots = new Map<number, WaitingTaker[]>();
  /** The turn that is being taken, or is the next to be. */
  #next = 0;
  #isTaking = false;
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `taker` once, after about so long: up to 100 ms sooner or later, up to a second sooner where that is 10 s or longer.
   * Never at once. Returns the turn in which it is due, by which it can be removed.
   */
  add(taker: WaitingTaker, waitMs: number): number {
    return this.#add(taker, aboutTurn(this.#clock.monotonic(), waitMs));
  }

  /** The same at the last turn that begins between these waits, or the first one behind them. */
  addBetween(taker: WaitingTaker, leastMs: number, mostMs: number): number {
    const now = this.#clock.monotonic();
    return this.#add(taker, Math.max(turnOf(now + mostMs), Math.ceil((now + leastMs) / TURN_MS)));
  }

  #add(taker: WaitingTaker, wanted: number): number {
    if (this.#slots.size === 0) this.#next = turnOf(this.#clock.monotonic());
    const turn = Math.max(this.#next + 1, wanted);
    const slot = this.#slots.get(turn);
    if (slot === undefined) this.#slots.set(turn, [taker]);
    else slot.push(taker);
    this.#arm();
    return turn;
  }

  remove(taker: WaitingTaker, turn: number): void {
    const slot = this.#slots.get(turn);
    const place = slot?.indexOf(taker) ?? -1;
    if (slot === undefined || place < 0) return;
    const last = slot.pop();
    if (last !== undefined && last !== taker) slot[place] = last;
    if (slot.length === 0) this.#slots.delete(turn);
    if (this.#slots.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Until the next turn begins. */
  #arm(): void {
    if (this.#isTaking || this.#timer !== null || this.#slots.size === 0) return;
    const now = this.#clock.monotonic();
    this.#timer = this.#clock.after(untilNextTurn(now), () => this.#turn());
  }

  #turn(): void {
    this.#timer = null;
    this.#isTaking = true;
    const isAllTaken = this.#takeDue();
    this.#isTaking = false;
    if (isAllTaken) this.#arm();
    else this.#timer = this.#clock.afterPoll(() => this.#turn());
  }

  /** False: the slice is over, and more are due. */
  #takeDue(): boolean {
    const startedAt = this.#clock.monotonic();
    for (const now = turnOf(startedAt); this.#next <= now; this.#next++) {
      const slot = this.#slots.get(this.#next);
      while (slot !== undefined && slot.length > 0) {
        if (this.#clock.monotonic() - startedAt >= SLICE_MS) return false;
        slot.pop()?.due();
      }
      this.#slots.delete(this.#next);
    }
    return true;
  }
}

function aboutTurn(now: number, waitMs: number): number {
  const turn = turnOf(now + waitMs);
  return waitMs < LONG_WAIT_MS ? turn : turn - (turn % LONG_WAIT_TURNS);
}

/** In whole milliseconds: timers of Node.js have no fractions, and one that fires too early fires twice. */
function untilNextTurn(now: number): number {
  return Math.ceil((turnOf(now) + 1) * TURN_MS - now);
}

function turnOf(ms: number): number {
  return Math.floor(ms / TURN_MS);
}
