import type { Clock } from './clock.ts';

/** How long jobs may hold the event loop at a time: sockets, scrapes and timers get their turn after it. */
const SLICE_MS = 3;
/** The same for what nobody waits for: a job that comes meanwhile waits for it. */
const LATER_SLICE_MS = 0.5;

type Job = () => void;

/**
 * Runs jobs in their order, a slice of 3 ms in each phase of the event loop, however many come in one. A job that comes when
 * nothing waits and the slice is not used up is run at once, before `run` returns. What only follows from a job, and nobody
 * waits for, is given to `runLater`: it has its turn when no other job waits, and not before the sockets were read again, 0.5 ms
 * at a time. A job must not throw.
 */
export class PacedWork {
  readonly #clock: Pick<Clock, 'monotonic' | 'afterPoll'>;
  readonly #first = new JobQueue();
  readonly #later = new JobQueue();
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

  /** Whether jobs of `run` wait. */
  get isBehind(): boolean {
    return !this.#first.isEmpty;
  }

  run(job: Job): void {
    if (this.#first.isEmpty && this.#hasTime(SLICE_MS)) this.#runJob(job);
    else this.#first.push(job);
  }

  runLater(job: Job): void {
    if (this.#isRunning || this.isWaiting || !this.#hasTime(LATER_SLICE_MS)) this.#later.push(job);
    else this.#runJob(job);
  }

  /** Runs all that waits before it returns: for whoever ends the process. */
  finish(): void {
    for (let job = this.#next(); job !== undefined; job = this.#next()) this.#runJob(job);
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
    while (this.#first.isEmpty && !this.#later.isEmpty && this.#hasTime(LATER_SLICE_MS)) {
      this.#runJob(this.#later.shift());
    }
  }

  #runJob(job: Job | undefined): void {
    const wasRunning = this.#isRunning;
    this.#isRunning = true;
    job?.();
    this.#isRunning = wasRunning;
  }

  #next(): Job | undefined {
    return this.#first.shift() ?? this.#later.shift();
  }
}

/** Jobs in their order; taking one costs the same however many wait. */
class JobQueue {
  #jobs: (Job | undefined)[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#jobs.length;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  shift(): Job | undefined {
    const job = this.#jobs[this.#next];
    this.#jobs[this.#next++] = undefined; // what it holds may be much, and the last one far
    if (this.#next < this.#jobs.length) return job;
    this.#jobs = [];
    this.#next = 0;
    return job;
  }
}
