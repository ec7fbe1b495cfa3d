import type { Clock } from '../clock/clock.ts';
import { type FileContent, refused } from './file-content.ts';
import { readWholeFile } from './read-whole-file.ts';

/** A disk that is busy answers within this; a file system that hangs does not answer at all. */
const DEADLINE_MS = 10_000;
/** A read that hangs keeps a thread of the pool (64, see main.ts) until it comes back: most stay free for look-ups. */
const MOST_AT_ONCE = 16;

/** Reads regular files of at most 32 MiB off the event loop, each within 10 s. One for the whole process. */
export class FileReader {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #readWhole: (path: string) => Promise<FileContent>;
  readonly #waiting: (() => void)[] = [];
  /** Files whose read was given up and has not come back. */
  readonly #hanging = new Set<string>();
  #underWay = 0;

  constructor(clock: Pick<Clock, 'after'>, readWhole: (path: string) => Promise<FileContent> = readWholeFile) {
    this.#clock = clock;
    this.#readWhole = readWhole;
  }

  /** Resolves with what is there now. Never rejects. While an earlier read of the file hangs, the answer is that at once. */
  readonly read = (path: string): Promise<FileContent> => {
    if (this.#hanging.has(path)) return Promise.resolve(refused('NO_ANSWER'));
    const { promise, resolve, reject } = Promise.withResolvers<FileContent>();
    const reading: Reading = { path, givenUp: false };
    const timer = this.#clock.after(DEADLINE_MS, () => {
      reading.givenUp = true;
      resolve(refused('NO_ANSWER'));
      this.#hanging.add(path);
    });
    this.#inTurn(reading)
      .then(resolve, reject)
      .finally(() => timer.cancel());
    return promise;
  };

  async #inTurn(reading: Reading): Promise<FileContent> {
    if (this.#underWay >= MOST_AT_ONCE) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#underWay += 1;
    try {
      // Whoever asked is gone: nothing is read for nobody.
      return reading.givenUp ? refused('NO_ANSWER') : await this.#readWhole(reading.path);
    } finally {
      this.#underWay -= 1;
      this.#hanging.delete(reading.path);
      this.#waiting.shift()?.();
    }
  }
}

type Reading = { readonly path: string; givenUp: boolean };
