import type { Clock } from '../clock/clock.ts';
import type { SharedSource } from './shared-source.ts';

/** A server that does not answer at the start does not keep us from being ready any longer. */
const LONGEST_WAIT_MS = 30_000;

/** Whether the sources of the start have answered. What is added by a reload later does not count. */
export class FirstAnswers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #startedAt: number;
  #isOver = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** Null: ready, from then on for ever. `isApplying`: something that was answered is not applied yet. */
  notReady(unanswered: readonly SharedSource[], isApplying: boolean): string | null {
    const isLate = this.#clock.monotonic() - this.#startedAt >= LONGEST_WAIT_MS;
    this.#isOver ||= isLate || (unanswered.length === 0 && !isApplying);
    if (this.#isOver) return null;
    if (unanswered.length === 0) return 'Finrst applies the first answers of its sources of targets.';
    const mechanisms = [...new Set(unanswered.map(({ ref }) => ref.mechanism))].join(', ');
    return `Finrst waits for the first answer of ${unanswered.length} of its sources of targets (${mechanisms}).`;
  }
}
