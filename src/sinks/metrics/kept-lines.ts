import { type Column, type PeerTable, ROWS_PER_BLOCK } from './peer-table.ts';

/** What the lines of a family are made of. */
export type Lines = {
  /** The sample lines of a row. */
  readonly line: (row: number) => string;
  /** Where `line` has its numbers from. What it says of a row that is in no column changes with `PeerTable.touch`. */
  readonly columns: readonly Column[];
  /** Whether the lines of a row are other ones at each moment. */
  readonly isMoving?: (row: number) => boolean;
};

/** `bytes`: null where it has changed since the reader before. */
type Block = { readonly changes: number; readonly bytes: Buffer | null };

/**
 * The lines of all rows, a block of rows at a time, each kept until something of it changes: of most peers nothing does between
 * two scrapes. What is kept are as many bytes as it has text, outside of V8's heap. A block that has changed is kept again once
 * it is the same twice: one that changes with each scrape would leave a buffer each time, and many of those bring full
 * collections.
 */
export class KeptLines {
  readonly #table: PeerTable;
  readonly #lines: Lines;
  readonly #blocks: (Block | undefined)[] = [];

  constructor(table: PeerTable, lines: Lines) {
    this.#table = table;
    this.#lines = lines;
  }

  /**
   * Rows are looked at when their turn comes: a peer removed meanwhile is left out, one added meanwhile waits for the next
   * reader, even where it took over a row, so no series can appear twice.
   */
  *slices(): Iterable<string | Buffer> {
    const { generation, rows } = this.#table;
    for (let block = 0; block * ROWS_PER_BLOCK < rows; block++) yield this.#linesOf(block, generation);
  }

  #linesOf(block: number, generation: number): string | Buffer {
    if (!this.#table.isAllThere(block, generation)) return this.#made(block, generation).text;
    const changes = this.#table.changesOf(block, this.#lines.columns);
    const kept = this.#blocks[block];
    if (kept?.changes === changes && kept.bytes !== null) return kept.bytes;
    const { text, isMoving } = this.#made(block, generation);
    const hasChanged = isMoving || (kept !== undefined && kept.changes !== changes);
    const bytes = hasChanged ? null : bytesOf(text);
    this.#blocks[block] = { changes, bytes };
    return bytes ?? text;
  }

  #made(block: number, generation: number): { readonly text: string; readonly isMoving: boolean } {
    const { line, isMoving } = this.#lines;
    let text = '';
    let hasMoving = false;
    for (let row = block * ROWS_PER_BLOCK; row < (block + 1) * ROWS_PER_BLOCK; row++) {
      if (!this.#table.wasThere(row, generation)) continue;
      text += line(row);
      hasMoving ||= isMoving?.(row) ?? false;
    }
    return { text, isMoving: hasMoving };
  }
}

/** In memory of its own: a slice of the pool that small buffers share would keep all of the pool's memory. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
