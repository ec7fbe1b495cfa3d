import { type FileHandle, open, rename } from 'node:fs/promises';

import type { Clock } from '../../clock/clock.ts';
import { retryUntilDone } from './retry-until-done.ts';

export type JournalFileOptions = {
  readonly path: string;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Open for appending. */
  readonly handle: FileHandle;
  /** What the file holds already. */
  readonly bytes: number;
  /** A file is put aside when it has grown by so much. */
  readonly maxBytes: number;
  /** Files put aside that are kept: FILE.1 is the youngest. */
  readonly keep: number;
  /** The lines that a new file begins with, so that it can be understood without the one put aside. */
  readonly carryOver: () => readonly string[];
  /** Writing has begun to fail. */
  readonly onTrouble: (error: Error) => void;
  /** Writing works again; `lost` lines found no room in memory meanwhile. */
  readonly onRecovered: (lost: number) => void;
};

/** Bridges a disk that is full or hangs for a while; about 15,000 lines. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** One write. Larger ones save nothing and keep more in memory. */
const WRITE_BYTES = 256 * 1024;

/**
 * A file that grows by lines and is put aside when it is large. At most one write is under way. A write that fails is
 * tried again from where it stopped, so no line is torn and none is lost until the memory for waiting lines is full.
 */
export class JournalFile {
  readonly #options: JournalFileOptions;
  readonly #closed = new AbortController();
  #handle: FileHandle;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** Lines of the write under way. */
  #underWay = 0;
  #lost = 0;
  #grown: number;
  /** Null: nothing waits. */
  #working: Promise<void> | null = null;
  /** What was lost when writing began to fail; null: it works. */
  #lostBeforeTrouble: number | null = null;

  constructor(options: JournalFileOptions) {
    this.#options = options;
    this.#handle = options.handle;
    this.#grown = options.bytes;
  }

  /** Takes a line without its newline. Never waits, never throws; a line for which there is no room is counted as lost. */
  append(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#closed.signal.aborted || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += bytes;
    this.#working ??= this.#work();
  }

  /** Renews the time of the last sign of life. */
  touch(): void {
    if (this.#closed.signal.aborted || this.#working !== null) return;
    const now = this.#options.clock.now() / 1000;
    // A file that cannot be touched cannot be written to either, and that is reported when a line is due.
    this.#handle.utimes(now, now).catch(() => undefined);
  }

  /** Writes what waits, for at most `deadlineMs`. Resolves with the lines that were lost since the start. */
  async close(deadlineMs: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const alarm = this.#options.clock.after(deadlineMs, resolve);
    await Promise.race([this.#working, promise]);
    alarm.cancel();
    this.#lost += this.#waiting.length + this.#underWay;
    this.#waiting = [];
    this.#closed.abort();
    if (this.#working === null) await this.#handle.close();
    return this.#lost;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed.signal.aborted) {
      await this.#retry(() => this.#putAsideWhenLarge());
      const piece = this.#take();
      const written = await this.#retry(writer(piece, () => this.#handle));
      this.#grown += piece.length;
      this.#waitingBytes -= piece.length;
      if (written) this.#underWay = 0;
    }
    this.#working = null;
    if (this.#closed.signal.aborted) await this.#handle.close();
  }

  #take(): Buffer {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && bytes < WRITE_BYTES) bytes += (this.#waiting[count++]?.length ?? 0) + 1;
    this.#underWay = count;
    return Buffer.from(`${this.#waiting.splice(0, count).join('\n')}\n`);
  }

  async #putAsideWhenLarge(): Promise<void> {
    if (this.#grown < this.#options.maxBytes) return;
    this.#handle = await putAside(this.#options, this.#handle);
    this.#grown = 0;
  }

  /** Reports the first failure and the success after it. */
  async #retry(work: () => Promise<void>): Promise<boolean> {
    const { clock, onTrouble, onRecovered } = this.#options;
    const onFailure = (error: Error) => {
      if (this.#lostBeforeTrouble === null) onTrouble(error);
      this.#lostBeforeTrouble ??= this.#lost;
    };
    const done = await retryUntilDone(work, { clock, signal: this.#closed.signal, onFailure });
    if (done && this.#lostBeforeTrouble !== null) {
      onRecovered(this.#lost - this.#lostBeforeTrouble);
      this.#lostBeforeTrouble = null;
    }
    return done;
  }
}

/** Each attempt goes on where the one before stopped. */
function writer(piece: Buffer, handle: () => FileHandle): () => Promise<void> {
  let written = 0;
  return async () => {
    while (written < piece.length) written += (await handle().write(piece, written)).bytesWritten;
  };
}

/**
 * FILE becomes FILE.1, FILE.1 becomes FILE.2, ...; the oldest is overwritten. The new file is complete before it takes the
 * place of the old one: a crash at any moment leaves one that can be read. Can be repeated after it failed anywhere.
 */
async function putAside({ path, keep, carryOver }: JournalFileOptions, old: FileHandle): Promise<FileHandle> {
  const next = await open(`${path}.next`, 'w');
  try {
    const lines = carryOver();
    for (let from = 0; from < lines.length; from += 1000) {
      await next.appendFile(`${lines.slice(from, from + 1000).join('\n')}\n`);
    }
    for (let number = keep - 1; number >= 1; number -= 1)
      await renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
    await renameIfThere(path, `${path}.1`);
    await rename(`${path}.next`, path);
  } catch (error) {
    await next.close();
    throw error;
  }
  await old.close();
  return next;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}
