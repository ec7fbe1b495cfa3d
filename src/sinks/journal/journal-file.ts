import { type FileHandle, open, rename } from 'node:fs/promises';

import type { Clock } from '../../clock/clock.ts';
import { DiskHealth, type DiskReports } from './disk-health.ts';
import { retryUntilDone } from './retry-until-done.ts';
import { type Piece, WaitingLines } from './waiting-lines.ts';

export type JournalFileOptions = DiskReports & {
  readonly path: string;
  readonly clock: Pick<Clock, 'now' | 'after' | 'afterPoll'>;
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
  /** The line that stands where so many lines are missing. */
  readonly describeGap: (lost: number) => string;
  /** The file was deleted; a new one is in its place. */
  readonly onDeleted: () => void;
};

/**
 * A file that grows by lines and is put aside when it is large. At most one write is under way. A write that fails is
 * tried again from where it stopped, so no line is torn and none is lost until the memory for waiting lines is full.
 */
export class JournalFile {
  readonly #options: JournalFileOptions;
  readonly #closed = new AbortController();
  readonly #waiting: WaitingLines;
  readonly #health: DiskHealth;
  #handle: FileHandle;
  /** Lines of the write under way. */
  #underWay = 0;
  #grown: number;
  #isTouchDue = false;
  /** Null: nothing waits. */
  #working: Promise<void> | null = null;

  constructor(options: JournalFileOptions) {
    this.#options = options;
    this.#handle = options.handle;
    this.#grown = options.bytes;
    this.#waiting = new WaitingLines(options.describeGap);
    this.#health = new DiskHealth(options.clock, options);
  }

  /** Lines that found no room, since the start. */
  get lost(): number {
    return this.#waiting.lost;
  }

  /** Takes a line without its newline. Never waits, never throws; a line for which there is no room is lost, and reported. */
  append(line: string): void {
    const isTaken = this.#waiting.add(line);
    if (this.#closed.signal.aborted) return;
    if (!isTaken) this.#health.losing();
    this.#working ??= this.#work();
  }

  /** Renews the time of the last sign of life, and makes the file anew where it was deleted. */
  touch(): void {
    if (this.#closed.signal.aborted) return;
    this.#isTouchDue = true;
    this.#working ??= this.#work();
  }

  /** Writes what waits, for at most `deadlineMs`. Resolves with the lines that were lost since the start. */
  async close(deadlineMs: number): Promise<number> {
    this.#waiting.endGap();
    if (!this.#waiting.isEmpty) this.#working ??= this.#work();
    const { promise, resolve } = Promise.withResolvers<void>();
    const alarm = this.#options.clock.after(deadlineMs, resolve);
    await Promise.race([this.#working, promise]);
    alarm.cancel();
    this.#waiting.giveUp(this.#underWay);
    this.#closed.abort();
    this.#health.stop();
    if (this.#working === null) await this.#handle.close();
    return this.#waiting.lost;
  }

  async #work(): Promise<void> {
    while ((!this.#waiting.isEmpty || this.#isTouchDue) && !this.#closed.signal.aborted) {
      if (this.#isTouchDue) await this.#touchNow();
      await this.#retry(() => this.#putAsideWhenLarge());
      if (!this.#waiting.isEmpty) await this.#write(this.#waiting.take());
      if (this.#waiting.isEmpty) this.#health.allWritten(this.#waiting.lost);
    }
    this.#working = null;
    if (this.#closed.signal.aborted) await this.#handle.close();
  }

  async #write(piece: Piece): Promise<void> {
    this.#underWay = piece.lines;
    const done = await this.#retry(writer(piece.bytes, () => this.#handle));
    this.#grown += piece.bytes.length;
    this.#waiting.written(piece);
    if (done) this.#underWay = 0;
  }

  async #touchNow(): Promise<void> {
    this.#isTouchDue = false;
    const now = this.#options.clock.now() / 1000;
    let isDeleted = false;
    await this.#health.watch(async () => {
      // A file that cannot be touched cannot be written to either, and that is reported when a line is due.
      await this.#handle.utimes(now, now).catch(() => undefined);
      isDeleted = (await this.#handle.stat().catch(() => null))?.nlink === 0;
    });
    if (!isDeleted || !(await this.#retry(() => this.#makeAnew()))) return;
    this.#grown = 0;
    this.#options.onDeleted();
  }

  async #makeAnew(): Promise<void> {
    const { path, carryOver } = this.#options;
    const old = this.#handle;
    this.#handle = await openWith(carryOver(), { path, flags: 'a' });
    await old.close();
  }

  async #putAsideWhenLarge(): Promise<void> {
    if (this.#grown < this.#options.maxBytes) return;
    this.#handle = await putAside(this.#options, this.#handle);
    this.#grown = 0;
  }

  /** Reports the first failure. */
  #retry(work: () => Promise<void>): Promise<boolean> {
    return retryUntilDone(() => this.#health.watch(work), {
      clock: this.#options.clock,
      signal: this.#closed.signal,
      onFailure: (error) => this.#health.failed(error),
    });
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
  const next = await openWith(carryOver(), { path: `${path}.next`, flags: 'w' });
  try {
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

/** Opens a file and writes these lines. Where that fails, it is closed. */
async function openWith(
  lines: readonly string[],
  { path, flags }: { readonly path: string; readonly flags: 'a' | 'w' },
): Promise<FileHandle> {
  const handle = await open(path, flags);
  try {
    for (let from = 0; from < lines.length; from += 1000) {
      await handle.appendFile(`${lines.slice(from, from + 1000).join('\n')}\n`);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return handle;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}
