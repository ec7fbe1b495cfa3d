import type { Clock, Timer } from '../../clock/clock.ts';

export type DiskReports = {
  /** Writing has begun to fail, or the disk does not answer. */
  readonly onTrouble: (error: Error) => void;
  /** Lines have begun to be lost: no more fit in memory. */
  readonly onLoss: () => void;
  /** All that waited is written; `lost` lines found no room meanwhile. */
  readonly onRecovered: (lost: number) => void;
};

/** A busy disk answers within this. */
const ANSWER_MS = 1000;

/** Reports trouble and loss once each, and that both are over when everything is written. */
export class DiskHealth {
  readonly #clock: Pick<Clock, 'after' | 'afterPoll'>;
  readonly #reports: DiskReports;
  #timer: Timer | null = null;
  #isInTrouble = false;
  #isLosing = false;
  /** What had been lost when the last trouble was over. */
  #lostBefore = 0;

  constructor(clock: Pick<Clock, 'after' | 'afterPoll'>, reports: DiskReports) {
    this.#clock = clock;
    this.#reports = reports;
  }

  /** Runs work on the disk, and reports where it does not come back. */
  async watch(work: () => Promise<void>): Promise<void> {
    this.#timer = this.#clock.after(ANSWER_MS, () => {
      // The answer may be there: after a stall of our own the timer comes first.
      this.#timer = this.#clock.afterPoll(() => this.failed(new Error('the disk does not answer')));
    });
    try {
      await work();
    } finally {
      this.stop();
    }
  }

  failed(error: Error): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#reports.onTrouble(error);
  }

  losing(): void {
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#reports.onLoss();
  }

  /** `lost`: since the start. */
  allWritten(lost: number): void {
    if (this.#isInTrouble || this.#isLosing) this.#reports.onRecovered(lost - this.#lostBefore);
    this.#isInTrouble = false;
    this.#isLosing = false;
    this.#lostBefore = lost;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
