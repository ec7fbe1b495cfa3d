import type { Clock, Timer } from '../clock/clock.ts';

/** Often enough to know within a keepalive's probes when packets were dropped. */
const EVERY_MS = 5000;
/** In a storm of ends the file is read once for all that end together. */
const LEAST_AGE_MS = 100;
/** Steps of the counter that are remembered; a retransmit timeout looks back 15 minutes. */
const MOST_STEPS = 200;

/** The counter had this value from then on, until the next. */
type Reading = { readonly at: number; readonly total: number };

/** Remembers when this host dropped packets, so that an end can be held against it. Times are wall-clock milliseconds. */
export class HostDrops {
  readonly #clock: Clock;
  readonly #read: () => number | null;
  readonly #steps: Reading[] = [];
  #lookedAt = -Infinity;
  #timer: Timer | null = null;

  /** @param read the counter now; null: it cannot be had */
  constructor(clock: Clock, read: () => number | null) {
    this.#clock = clock;
    this.#read = read;
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
    const before = this.#steps.findLast((step) => step.at <= at) ?? this.#steps[0];
    return (this.#steps.at(-1)?.total ?? 0) - (before?.total ?? 0);
  }

  #look(): void {
    const total = this.#read();
    this.#lookedAt = this.#clock.now();
    if (total === null || total === this.#steps.at(-1)?.total) return;
    this.#steps.push({ at: this.#lookedAt, total });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }
}
