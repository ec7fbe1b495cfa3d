import type { Clock } from './clock.ts';
import { Queue } from './queue.ts';

/** How long jobs may hold the event loop at a time: sockets, scrapes and timers get their turn after it. */
const SLICE_MS = 3;
/** The same for what nobody waits for: a job that comes meanwhile waits for it. */
const LATER_SLICE_MS = 0.5;

/** What a job of `runLater` returns that is not done: it is called again before any other of them. */
export const AGAIN = Symbol('again');

type Job = () => void;
/** AGAIN, or anything else: it is done. */
type LaterJob = () => unknown;

/**
 * Runs jobs in their order, a slice of 3 ms in each phase of the event loop, however many come in one. A job that comes when
 * nothing waits and the slice is not used up is run at once, before `run` returns. What only follows from a job, and nobody
 * waits for, is given to `runLater`: it has its turn when no other job waits, and not before the sockets were read again, 0.5 ms
 * at a time; one that takes longer is made of steps, between which others have theirs. A job must not throw.
 */
export class PacedWork {
  readonly #clock: Pick<Clock, 'monotonic' | 'afterPoll'>;
  readonly #first = new Queue<Job>();
  readonly #later = new Queue<LaterJob>();
  /** A job runs: what only follows from it waits, else the job would be over later, and jobs nest as deep as a slice is long. */
  #isRunning = false;
  /** Whether a slice was begun in this phase. */
  #isBegun = false;
  #begunAt = 0;

  constructor(clock: Pick<Clock, 'monotonic' | 'afterPoll'>) {
    this.#clock = clock;
  }

  /** Whether jobs wait for a further slice, those of `runLater` included. */
  get isWaiting(): boolean {
    return !this.#first.isEmpty || !this.#later.isEmpty;
  }

  run(job: Job): void {
    if (this.#first.isEmpty && this.#hasTime(SLICE_MS)) this.#runJob(job);
    else this.#first.push(job);
  }

  runLater(job: LaterJob): void {
    const mayRun = !this.#isRunning && !this.isWaiting;
    this.#later.push(job);
    if (mayRun) this.#runLaterJobs();
  }

  /** Runs all that waits before it returns: for whoever ends the process. */
  finish(): void {
    while (this.isWaiting) {
      if (this.#first.isEmpty) this.#runLaterJob();
      else this.#runJob(this.#first.shift());
    }
  }

  #hasTime(sliceMs: number): boolean {
    if (!this.#isBegun) this.#begin();
    return this.#clock.monotonic() < this.#begunAt + sliceMs;
  }

  #begin(): void {
    this.#isBegun = true;
    this.#begunAt = this.#clock.monotonic();
    this.#clock.afterPoll(() => this.#goOn());
  }

  /** The sockets were read: the next slice, where jobs wait. */
  #goOn(): void {
    this.#isBegun = false;
    while (!this.#first.isEmpty && this.#hasTime(SLICE_MS)) this.#runJob(this.#first.shift());
    this.#runLaterJobs();
  }

  #runLaterJobs(): void {
    while (!this.#later.isEmpty && this.#hasTime(LATER_SLICE_MS)) this.#runLaterJob();
  }

  #runLaterJob(): void {
    if (this.#runJob(this.#later.head) !== AGAIN) this.#later.shift();
  }

  #runJob(job: LaterJob | undefined): unknown {
    const wasRunning = this.#isRunning;
    this.#isRunning = true;
    const answer = job?.();
    this.#isRunning = wasRunning;
    return answer;
  }
}
