import type { Clock, Timer } from '../../clock/clock.ts';

/** Counters on `/metrics` are at most this old; an event per byte read would cost more than the reading. */
const REPORT_EVERY_MS = 1000;

export type TrafficReporter = { reportTraffic(): void };

/** Collects the connections that moved bytes and lets each report once a second. No timer runs while nothing moves. */
export class TrafficReports {
  readonly #clock: Clock;
  #moved: TrafficReporter[] = [];
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called on the first byte after a report. */
  add(connection: TrafficReporter): void {
    this.#moved.push(connection);
    this.#timer ??= this.#clock.after(REPORT_EVERY_MS, () => this.#report());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #report(): void {
    this.#timer = null;
    const moved = this.#moved;
    this.#moved = [];
    for (const connection of moved) connection.reportTraffic();
  }
}
