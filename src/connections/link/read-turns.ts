import type { Clock } from '../../clock/clock.ts';

/** One that reads by turns. */
export type TurnTaker = { readOn(): void };

/**
 * Lets sockets with much to read take turns: one that has read its share of a turn of the event loop goes on in the next one,
 * after all others that are readable had theirs. Without it a flooding peer is read 32 times in a row (libuv), and the ends of
 * other connections wait meanwhile.
 */
export class ReadTurns {
  readonly #clock: Pick<Clock, 'afterPoll'>;
  #waiting: TurnTaker[] = [];

  constructor(clock: Pick<Clock, 'afterPoll'>) {
    this.#clock = clock;
  }

  /** `reader` reads on before the sockets are looked at the next time. */
  wait(reader: TurnTaker): void {
    if (this.#waiting.push(reader) === 1) this.#clock.afterPoll(() => this.#begin());
  }

  #begin(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const reader of waiting) reader.readOn();
  }
}
