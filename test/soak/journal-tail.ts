import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const READ_BYTES = 1024 * 1024;

/** Reads the lines that the daemon adds to its journal, also over the moment when the file is put aside. */
export class JournalTail {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  readonly #decoder = new TextDecoder();
  #descriptor: number;
  #position = 0;
  #rest = '';

  /** @param path a file that is there already */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'r');
  }

  /** The lines since the last call. Has to be called before the daemon puts two files aside. */
  read(): readonly string[] {
    const lines = this.#readToEnd();
    const current = statSync(this.#path, { throwIfNoEntry: false });
    // Between two renames there is none.
    if (current === undefined || current.ino === fstatSync(this.#descriptor).ino) return lines;
    // The old file has got its last line by now: the daemon writes to the new one.
    const last = this.#readToEnd();
    const next = openSync(this.#path, 'r');
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#position = 0;
    return [...lines, ...last, ...this.#readToEnd()];
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #readToEnd(): readonly string[] {
    const lines: string[] = [];
    for (;;) {
      const bytes = readSync(this.#descriptor, this.#buffer, 0, READ_BYTES, this.#position);
      if (bytes === 0) return lines;
      this.#position += bytes;
      const parts = (this.#rest + this.#decoder.decode(this.#buffer.subarray(0, bytes), { stream: true })).split('\n');
      this.#rest = parts.pop() ?? '';
      for (const part of parts) lines.push(part);
    }
  }
}
