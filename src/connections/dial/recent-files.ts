import type { Clock } from '../../clock/clock.ts';
import type { FileContent, ReadFile } from '../../files/file-content.ts';

/** A thousand peers that connect at once read a file once; a rotated certificate counts after this. */
const RECENT_MS = 1000;
/** More files than that are not kept in memory. */
const REMEMBERED = 256;

type Entry = {
  /** Null: being read. */
  content: FileContent | null;
  readonly readAt: number;
  readonly waiting: ((content: FileContent) => void)[];
};

/** Reads files, each at most once a second however many ask for it. */
export class RecentFiles {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #readFile: ReadFile;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Pick<Clock, 'monotonic'>, readFile: ReadFile) {
    this.#clock = clock;
    this.#readFile = readFile;
  }

  /** Calls back with what the file held within the last second: at once where that is known. */
  read(path: string, done: (content: FileContent) => void): void {
    const known = this.#entries.get(path);
    if (known?.content === null) known.waiting.push(done);
    else if (known !== undefined && this.#clock.monotonic() - known.readAt < RECENT_MS) done(known.content);
    else void this.#readNow(path, done);
  }

  async #readNow(path: string, done: (content: FileContent) => void): Promise<void> {
    const entry: Entry = { content: null, readAt: this.#clock.monotonic(), waiting: [done] };
    this.#entries.delete(path); // the one read last is forgotten last
    this.#entries.set(path, entry);
    this.#forgetOldest();
    const content = await this.#readFile(path);
    entry.content = content;
    for (const tell of entry.waiting.splice(0)) tell(content);
  }

  #forgetOldest(): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > REMEMBERED && oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
