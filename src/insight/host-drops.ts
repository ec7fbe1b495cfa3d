import type { Clock, Timer } from '../clock/clock.ts';

/** Often enough to know within a keepalive's probes when packets were dropped. */
const EVERY_MS = 5000;
/** In a storm of ends the file is read once for all that end together. */
const LEAST_AGE_MS = 100;
/** Steps of a counter that are remembered; a retransmit timeout looks back 15 minutes. */
const MOST_STEPS = 200;

/** Thousands of ends may be explained in a second: they are one step. */
const EXPLAINED_STEP_MS = 1000;

/** Remembers when a counter grew. Times are wall-clock milliseconds. */
class CounterHistory {
  readonly #stepMs: number;
  readonly #steps: { readonly at: number; readonly total: number }[] = [];

  /** @param stepMs what comes within it is one step */
  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  get total(): number {
    return this.#steps.at(-1)?.total ?? 0;
  }

  /** The counter has this value from then on. */
  reached(at: number, total: number): void {
    const last = this.#steps.at(-1);
    if (total === last?.total) return;
    if (last !== undefined && at - last.at < this.#stepMs) this.#steps[this.#steps.length - 1] = { at: last.at, total };
    else this.#steps.push({ at, total });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  /** By how much it has grown since then, at least. */
  since(at: number): number {
    const before = this.#steps.findLast((step) => step.at <= at) ?? this.#steps[0];
    return this.total - (before?.total ?? 0);
  }
}

/** Remembers when this host dropped packets, so that an end can be held against it. Times are wall-clock milliseconds. */
export class HostDrops {
  readonly #clock: Clock;
  readonly #read: () => number | null;
  readonly #dropped = new CounterHistory(0);
  /** Unanswered packets of ends that were explained by drops. */
  readonly #explained = new CounterHistory(EXPLAINED_STEP_MS);
  #lookedAt = -Infinity;
  #timer: Timer | null = null;

  /** @param read the counter now; null: it cannot be had */
  constructor(clock: Clock, read: () => number | null) {
    this.#clock = clock;
    this.#read = read;
    this.#explained.reached(-Infinity, 0);
  }

  start(): void {
    this.#look();
    this.#timer = this.#clock.after(EVERY_MS, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** How many packets were dropped since then, at least; 0: none, or it is not known. */
  since(at: number): number {
    if (this.#clock.now() - this.#lookedAt >= LEAST_AGE_MS) this.#look();
    return this.#dropped.since(at);
  }

  /**
   * An end waited since then and so many of its packets went unanswered: how many this host dropped meanwhile, where these are
   * as many beside those that explain other ends of that time; else 0. The counter is of the whole host, and a packet that was
   * dropped was one of one connection.
   */
  explain(from: number, lost: number): number {
    const dropped = this.since(from);
    if (dropped - this.#explained.since(from) < lost) return 0;
    this.#explained.reached(this.#clock.now(), this.#explained.total + lost);
    return dropped;
  }

  #look(): void {
    const total = this.#read();
    this.#lookedAt = this.#clock.now();
    if (total !== null) this.#dropped.reached(this.#lookedAt, total);
  }
}
