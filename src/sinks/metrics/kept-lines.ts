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

type Block = { readonly changes: number; readonly bytes: Buffer };

/**
 * The lines of all rows, a block of rows at a time, each made once and kept until something of it changes: of most peers
 * nothing does between two scrapes. Takes as many bytes as it has text, outside of V8's heap.
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
  *slices(): Iterable<Buffer> {
    const { generation, rows } = this.#table;
    for (let block = 0; block * ROWS_PER_BLOCK < rows; block++) yield this.#bytesOf(block, generation);
  }

  #bytesOf(block: number, generation: number): Buffer {
    if (!this.#table.isAllThere(block, generation)) return this.#made(block, generation).bytes;
    const changes = this.#table.changesOf(block, this.#lines.columns);
    const kept = this.#blocks[block];
    if (kept?.changes === changes) return kept.bytes;
    const { bytes, isMoving } = this.#made(block, generation);
    this.#blocks[block] = isMoving ? undefined : { changes, bytes };
    return bytes;
  }

  #made(block: number, generation: number): { readonly bytes: Buffer; readonly isMoving: boolean } {
    const { line, isMoving } = this.#lines;
    let text = '';
    let hasMoving = false;
    for (let row = block * ROWS_PER_BLOCK; row < (block + 1) * ROWS_PER_BLOCK; row++) {
      if (!this.#table.wasThere(row, generation)) continue;
      text += line(row);
      hasMoving ||= isMoving?.(row) ?? false;
    }
    return { bytes: bytesOf(text), isMoving: hasMoving };
  }
}

/** In memory of its own: a slice of the pool that small buffers share would keep all of the pool's memory. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
