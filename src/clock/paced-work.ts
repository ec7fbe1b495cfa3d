import type { Clock } from './clock.ts';

/** How long jobs may hold the event loop at a time: sockets, scrapes and timers get their turn after it. */
const SLICE_MS = 3;

/**
 * Runs jobs in their order, a slice of 3 ms in each phase of the event loop, however many come in one. A job that comes when
 * nothing waits and the slice is not used up is run at once, before `run` returns. A job must not throw.
 */
export class PacedWork {
  readonly #clock: Pick<Clock, 'monotonic' | 'afterPoll'>;
  #jobs: (() => void)[] = [];
  #next = 0;
  /** Whether a slice was begun in this phase. */
  #isBegun = false;
  #sliceEndsAt = 0;

  constructor(clock: Pick<Clock, 'monotonic' | 'afterPoll'>) {
    this.#clock = clock;
  }

  /** Whether jobs wait for a further slice. */
  get isWaiting(): boolean {
    return this.#next < this.#jobs.length;
  }

  run(job: () => void): void {
    if (!this.#isBegun) this.#begin();
    if (this.isWaiting || this.#isOver()) this.#jobs.push(job);
    else job();
  }

  #begin(): void {
    this.#isBegun = true;
    this.#sliceEndsAt = this.#clock.monotonic() + SLICE_MS;
    this.#clock.afterPoll(() => this.#goOn());
  }

  #isOver(): boolean {
    return this.#clock.monotonic() >= this.#sliceEndsAt;
  }

  /** The sockets were read: the next slice, where jobs wait. */
  #goOn(): void {
    this.#isBegun = false;
    if (!this.isWaiting) return;
    this.#begin();
    while (this.isWaiting && !this.#isOver()) this.#jobs[this.#next++]?.();
    if (this.isWaiting) return;
    this.#jobs = [];
    this.#next = 0;
  }
}
