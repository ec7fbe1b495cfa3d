/**
 * What a disk that hangs may keep in memory. Every one of 25,000 peers can end and fail to connect again, in 300 to 600
 * bytes a line, within one turn of the event loop, before anything is written.
 */
export const MOST_WAITING_BYTES = 32 * 1024 * 1024;
/** One write. Joining so much takes about 4 ms; smaller ones, of which a busy event loop ends one a turn, fall behind. */
const WRITE_BYTES = 4 * 1024 * 1024;

export type Piece = { readonly bytes: Buffer; readonly lines: number };

/**
 * Lines that wait to be written, in bounded memory. One for which there is no room is lost and counted; when there is room
 * again, a line in its place says how many are missing.
 */
export class WaitingLines {
  readonly #describeGap: (lost: number) => string;
  #lines: string[] = [];
  #bytes = 0;
  #lost = 0;
  /** Lines lost since the last line that was taken. */
  #gap = 0;

  constructor(describeGap: (lost: number) => string) {
    this.#describeGap = describeGap;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line without its newline; false: there is no room, it is lost. */
  add(line: string): boolean {
    if (this.#bytes + sizeOf(line) > MOST_WAITING_BYTES) {
      this.#lost += 1;
      this.#gap += 1;
      return false;
    }
    this.endGap();
    this.#push(line);
    return true;
  }

  /** Where lines are missing behind the last one, a line says so, whether or not there is room. */
  endGap(): void {
    if (this.#gap === 0) return;
    const line = this.#describeGap(this.#gap);
    this.#gap = 0;
    this.#push(line);
  }

  /** The next write: all that waits, up to 4 MiB. It counts as waiting until `written`. */
  take(): Piece {
    let characters = 0;
    let count = 0;
    while (count < this.#lines.length && characters < WRITE_BYTES)
      characters += (this.#lines[count++]?.length ?? 0) + 1;
    return { bytes: Buffer.from(`${this.#lines.splice(0, count).join('\n')}\n`), lines: count };
  }

  written({ bytes }: Piece): void {
    this.#bytes -= bytes.length;
  }

  /** All that waits is lost, and so is what comes from now on. `underWay`: lines of a piece that was not written. */
  giveUp(underWay: number): void {
    this.#lost += this.#lines.length + underWay;
    this.#lines = [];
    this.#bytes = Number.POSITIVE_INFINITY;
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#bytes += sizeOf(line);
  }
}

function sizeOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
