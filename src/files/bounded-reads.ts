import type { Clock } from '../clock/clock.ts';

/** A disk that is busy answers within this; a file system that hangs does not answer at all. */
const DEADLINE_MS = 10_000;
/** A read that hangs keeps a thread of the pool (64, see main.ts) until it comes back: most stay free for look-ups. */
const MOST_AT_ONCE = 16;

/**
 * Asks a file system off the event loop, each question within 10 s and at most 16 at once. While a question about a path
 * hangs, every other about it is answered with `noAnswer` at once.
 */
export class BoundedReads<Answer> {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #ask: (path: string) => Promise<Answer>;
  readonly #noAnswer: Answer;
  readonly #waiting: (() => void)[] = [];
  /** Paths whose question was given up and has not come back. */
  readonly #hanging = new Set<string>();
  #underWay = 0;

  /** @param ask never rejects for what a file system does */
  constructor(clock: Pick<Clock, 'after'>, ask: (path: string) => Promise<Answer>, noAnswer: Answer) {
    this.#clock = clock;
    this.#ask = ask;
    this.#noAnswer = noAnswer;
  }

  /** Resolves with what is there now. Never rejects. */
  readonly read = (path: string): Promise<Answer> => {
    if (this.#hanging.has(path)) return Promise.resolve(this.#noAnswer);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const reading: Reading = { path, givenUp: false };
    const timer = this.#clock.after(DEADLINE_MS, () => {
      reading.givenUp = true;
      resolve(this.#noAnswer);
      this.#hanging.add(path);
    });
    this.#inTurn(reading)
      .then(resolve, reject)
      .finally(() => timer.cancel());
    return promise;
  };

  async #inTurn(reading: Reading): Promise<Answer> {
    if (this.#underWay >= MOST_AT_ONCE) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#underWay += 1;
    try {
      // Whoever asked is gone: nothing is read for nobody.
      return reading.givenUp ? this.#noAnswer : await this.#ask(reading.path);
    } finally {
      this.#underWay -= 1;
      this.#hanging.delete(reading.path);
      this.#waiting.shift()?.();
    }
  }
}

type Reading = { readonly path: string; givenUp: boolean };
