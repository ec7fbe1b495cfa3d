import { type FileHandle, open, rename } from 'node:fs/promises';

import { createPersistence } from './retry-until-done.ts';

export type JournalClock = {
  now(): number;
  after(ms: number, callback: () => void): { cancel(): void };
};

export type JournalFileOptions = {
  readonly path: string;
  readonly clock: JournalClock;
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
  /** Writing has begun to fail, or works again; `lost` lines found no room in memory meanwhile. */
  readonly onTrouble: (error: Error) => void;
  readonly onRecovered: (lost: number) => void;
};

export type JournalFile = {
  /** Takes a line without its newline. Never waits, never throws; a line for which there is no room is counted as lost. */
  append(line: string): void;
  /** Renews the time of the last sign of life. */
  touch(): void;
  /** Writes what waits, for at most `deadlineMs`. Resolves with the lines that were lost since the start. */
  close(deadlineMs: number): Promise<number>;
};

/** Bridges a disk that is full or hangs for a while; about 15,000 lines. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** One write. Larger ones save nothing and keep more in memory. */
const WRITE_BYTES = 256 * 1024;

/**
 * A file that grows by lines and is put aside when it is large. At most one write is under way. A write that fails is
 * tried again from where it stopped, so no line is torn and none is lost until the memory for waiting lines is full.
 */
export function createJournalFile(options: JournalFileOptions): JournalFile {
  const { clock, maxBytes } = options;
  const idlers: (() => void)[] = [];
  let waiting: string[] = [];
  let waitingBytes = 0;
  let underWay = 0;
  let lost = 0;
  let grown = options.bytes;
  let handle = options.handle;
  let working = false;
  let closed = false;
  const persistence = createPersistence({ ...options, lost: () => lost });

  const take = () => {
    let bytes = 0;
    let count = 0;
    while (count < waiting.length && bytes < WRITE_BYTES) bytes += (waiting[count++]?.length ?? 0) + 1;
    underWay = count;
    return Buffer.from(`${waiting.splice(0, count).join('\n')}\n`);
  };
  const putAsideWhenLarge = async () => {
    if (grown < maxBytes) return;
    handle = await putAside(options, handle);
    grown = 0;
  };
  const work = async () => {
    while (waiting.length > 0 && !closed) {
      await persistence.until(putAsideWhenLarge);
      const piece = take();
      const written = await persistence.until(writer(piece, () => handle));
      grown += piece.length;
      waitingBytes -= piece.length;
      if (written) underWay = 0;
    }
    working = false;
    if (closed) await handle.close();
    idlers.splice(0).forEach((resolve) => resolve());
  };
  return {
    append(line) {
      const bytes = Buffer.byteLength(line) + 1;
      if (closed || waitingBytes + bytes > MAX_WAITING_BYTES) {
        lost += 1;
        return;
      }
      waiting.push(line);
      waitingBytes += bytes;
      if (working) return;
      working = true;
      void work();
    },
    touch() {
      if (closed || working) return;
      const now = clock.now() / 1000;
      // A file that cannot be touched cannot be written to either, and that is told when a line is due.
      handle.utimes(now, now).catch(() => undefined);
    },
    async close(deadlineMs) {
      const idle = working ? new Promise<void>((resolve) => void idlers.push(resolve)) : Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const alarm = clock.after(deadlineMs, resolve);
      await Promise.race([idle, promise]);
      alarm.cancel();
      closed = true;
      lost += waiting.length + underWay;
      waiting = [];
      persistence.stop();
      if (!working) await handle.close();
      return lost;
    },
  };
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
