import type { Clock, Timer } from '../../clock/clock.ts';

/** Often enough to see a 20 ms stall. */
const TICK_MS = 20;
/**
 * While nothing is awaited: a wake-up of an idle process costs 66 microseconds (measured on Node.js 24.21), so that 50 a second
 * took as much as the samples of 7,000 connections. Stalls that are longer are seen, of shorter ones some.
 */
const REST_MS = 100;
/** The histogram's first bucket; a timer is late by less on any machine that is not asleep. */
const TELL_MS = 1;
/** From here on a deadline deserves a second look and a round trip is not told. */
const STALL_MS = 10;
/** What a stall delayed comes within this after it. */
const RECENT_MS = 1000;

/** The ticks of all that happens ten times a second are those of the clock: one wake-up serves all. Whole milliseconds, as timers have. */
function untilRestTick(now: number): number {
  const leftMs = Math.ceil(REST_MS - (now % REST_MS));
  return leftMs < TICK_MS ? leftMs + REST_MS : leftMs;
}

/** Measures how long our own event loop was held up, so that no peer is blamed for it. */
export class StallMonitor {
  readonly #clock: Clock;
  readonly #onStall: (durationMs: number) => void;
  #dueAt = 0;
  /** Until then something is awaited, and what it takes is measured. */
  #closeUntil = 0;
  #isResting = false;
  #timer: Timer | null = null;
  #stalledMs = 0;
  #lastStallAt = -Infinity;
  #lastStallMs = 0;

  constructor(clock: Clock, onStall: (durationMs: number) => void) {
    this.#clock = clock;
    this.#onStall = onStall;
  }

  start(): void {
    const now = this.#clock.monotonic();
    this.#isResting = now >= this.#closeUntil;
    const waitMs = this.#isResting ? untilRestTick(now) : TICK_MS;
    this.#dueAt = now + waitMs;
    this.#timer = this.#clock.after(waitMs, () => this.#tick());
  }

  /** For so long from now something is awaited: an answer, a connect. Stalls meanwhile are seen from 20 ms on. */
  watchFor(ms: number): void {
    this.#closeUntil = Math.max(this.#closeUntil, this.#clock.monotonic() + ms);
    if (!this.#isResting || this.#timer === null) return;
    this.#look();
    this.#timer.cancel();
    this.start();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Milliseconds of stalls since the start; subtract two readings to learn how much fell in between. */
  get stalledMs(): number {
    this.#look();
    return this.#stalledMs;
  }

  /** Whether what is read now may have waited for us in the kernel: a stall has just ended, or is only now coming to light. */
  get justStalled(): boolean {
    this.#look();
    return this.#clock.monotonic() - this.#lastStallAt < TICK_MS;
  }

  /** How long the loop was held up until less than a second ago, the longest time in a row; 0: it was not. */
  get recentMs(): number {
    this.#look();
    return this.#clock.monotonic() - this.#lastStallAt < RECENT_MS ? this.#lastStallMs : 0;
  }

  /** Counts lateness that the tick has not had the chance to: after a stall, other timers may run before it. */
  #look(): void {
    const now = this.#clock.monotonic();
    const late = now - this.#dueAt;
    if (this.#timer === null || late < STALL_MS) return;
    this.#stalledMs += late;
    this.#lastStallMs = now - this.#lastStallAt < RECENT_MS ? Math.max(this.#lastStallMs, late) : late;
    this.#lastStallAt = now;
    this.#dueAt = now;
    this.#onStall(late);
  }

  #tick(): void {
    const late = this.#clock.monotonic() - this.#dueAt;
    if (late >= STALL_MS) this.#look();
    else if (late >= TELL_MS) this.#onStall(late);
    this.start();
  }
}
