import type { PeerRef } from '../../domain/peer-ref.ts';
import { labelPairs } from './exposition-text.ts';

/**
 * One number per peer. `values` and `changes` are replaced when the table grows: read them anew each time. NaN: no value yet.
 * `changes` goes up with each change, by block of rows.
 */
export type Column = { readonly values: Float64Array; readonly changes: Uint32Array; readonly initial: number };

type GrowingColumn = { values: Float64Array; changes: Uint32Array; readonly initial: number };

/** Enough for a small configuration, and whole blocks; doubled when it is full, so that adding n peers copies O(n) numbers. */
const FIRST_CAPACITY = 256;
/** The generation of a row that holds no peer. */
const EMPTY = Number.POSITIVE_INFINITY;
/**
 * 256 rows are a block: to make the lines of one cell takes 20 microseconds. With smaller ones less is made anew where few
 * rows change, but each is a buffer and a write to the socket.
 */
const BLOCK_BITS = 8;
export const ROWS_PER_BLOCK = 1 << BLOCK_BITS;

/** The block that a row is in. */
export const blockOf = (row: number): number => row >> BLOCK_BITS;

/** Rows of peers, in blocks that know whether they changed. A removed peer's row is used again by a later one. */
export class PeerTable {
  readonly #columns: GrowingColumn[] = [];
  readonly #counters: GrowingColumn[] = [];
  readonly #rowsById = new Map<number, number>();
  readonly #prefixes: string[] = [];
  /** The generation that each row's peer was added in. */
  readonly #addedAt: number[] = [];
  readonly #free: number[] = [];
  /** By block: goes up with each change of what is not in a column. */
  readonly #changes: number[] = [];
  /** By block: the generation of the peer that was added last. */
  readonly #newest: number[] = [];
  #capacity = FIRST_CAPACITY;
  #generation = 0;

  /** A new column; every row added later begins with `initial`. Create all columns before the first row. */
  column(initial: number): Column {
    return this.#createColumn(initial);
  }

  /** A new column that begins anew with the labels of its row. */
  counter(initial: number): Column {
    const column = this.#createColumn(initial);
    this.#counters.push(column);
    return column;
  }

  /** The row of a new peer, all columns at their initial values. */
  add(peer: PeerRef): number {
    const row = this.#free.pop() ?? this.#addedAt.length;
    if (row >= this.#capacity) this.#grow();
    this.#prefixes[row] = prefixOf(peer);
    this.#addedAt[row] = ++this.#generation;
    this.#newest[blockOf(row)] = this.#generation;
    this.#rowsById.set(peer.id, row);
    this.touch(row);
    for (const column of this.#columns) column.values[row] = column.initial;
    return row;
  }

  /** No column of the row has a value. */
  blank(row: number): void {
    for (const column of this.#columns) column.values[row] = NaN;
  }

  /**
   * Gives the row the labels that its peer has now. True: they are other ones, and its counters begin anew. The row stays
   * where it is, so a family that is read at the moment has it once, under the old or the new labels.
   */
  relabel(row: number, peer: PeerRef): boolean {
    const prefix = prefixOf(peer);
    if (prefix === this.#prefixes[row]) return false;
    this.#prefixes[row] = prefix;
    for (const column of this.#counters) column.values[row] = column.initial;
    this.touch(row);
    return true;
  }

  rowOf(peer: PeerRef): number | undefined {
    return this.#rowsById.get(peer.id);
  }

  /** The row goes on as that of another peer, which has none. */
  hand(from: PeerRef, to: PeerRef): void {
    const row = this.#rowsById.get(from.id);
    if (row === undefined) return;
    this.#rowsById.delete(from.id);
    this.#rowsById.set(to.id, row);
  }

  /** The row that is free now; undefined: the peer had none. */
  remove(peer: PeerRef): number | undefined {
    const row = this.#rowsById.get(peer.id);
    if (row === undefined) return undefined;
    this.#rowsById.delete(peer.id);
    this.#prefixes[row] = '';
    this.#addedAt[row] = EMPTY;
    this.#free.push(row);
    this.touch(row);
    return row;
  }

  /** Something that is said of the row changed that is in no column. */
  touch(row: number): void {
    const block = blockOf(row);
    this.#changes[block] = this.changesOf(block) + 1;
  }

  /** As often as something of the block changed: in these columns, or in what is in none. */
  changesOf(block: number, columns: readonly Column[] = []): number {
    let changes = this.#changes[block] ?? 0;
    for (const column of columns) changes += column.changes[block] ?? 0;
    return changes;
  }

  /** Whether no row of the block was added after that generation. */
  isAllThere(block: number, generation: number): boolean {
    return (this.#newest[block] ?? 0) <= generation;
  }

  /** `{group="...",peer="..."` and the target labels, open at the end for further labels. */
  prefixOf(row: number): string {
    return this.#prefixes[row] ?? '';
  }

  /** Rows that were ever in use: 0 to here, holes included. */
  get rows(): number {
    return this.#addedAt.length;
  }

  /** The point in time of a reader: rows added later are not for it. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether the row holds a peer that was there at that generation. */
  wasThere(row: number, generation: number): boolean {
    return (this.#addedAt[row] ?? EMPTY) <= generation;
  }

  #createColumn(initial: number): GrowingColumn {
    const changes = new Uint32Array(this.#capacity / ROWS_PER_BLOCK);
    const column: GrowingColumn = { values: new Float64Array(this.#capacity), changes, initial };
    this.#columns.push(column);
    return column;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const column of this.#columns) {
      column.values = longer(column.values, new Float64Array(this.#capacity));
      column.changes = longer(column.changes, new Uint32Array(this.#capacity / ROWS_PER_BLOCK));
    }
  }
}

function longer<Numbers extends Float64Array | Uint32Array>(values: Numbers, into: Numbers): Numbers {
  into.set(values);
  return into;
}

/**
 * Through bytes, which makes one flat string of it: joined ones stay trees of their parts in V8, that take 160 bytes more for
 * each peer, 390 more with two target labels, and are walked for every sample of a scrape (a third of its time).
 */
function prefixOf({ group, peer, labels }: PeerRef): string {
  return Buffer.from(`{${labelPairs({ group, peer, ...labels }, 'text')}`).toString();
}
