import type { PeerRef } from '../../domain/peer-ref.ts';
import { labelPairs } from './exposition-text.ts';

/** One number per peer. `values` is replaced when the table grows: read it anew each time. NaN: no value yet. */
export type Column = { readonly values: Float64Array; readonly initial: number };

type GrowingColumn = { values: Float64Array; readonly initial: number };

/** Enough for a small configuration; doubled when it is full, so that adding n peers copies O(n) numbers. */
const FIRST_CAPACITY = 64;
/** The generation of a row that holds no peer. */
const EMPTY = Number.POSITIVE_INFINITY;

/** Rows of peers. A removed peer's row is used again by a later one. */
export class PeerTable {
  readonly #columns: GrowingColumn[] = [];
  readonly #counters: GrowingColumn[] = [];
  readonly #rowsById = new Map<number, number>();
  readonly #prefixes: string[] = [];
  /** The generation that each row's peer was added in. */
  readonly #addedAt: number[] = [];
  readonly #free: number[] = [];
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
    this.#rowsById.set(peer.id, row);
    for (const column of this.#columns) column.values[row] = column.initial;
    return row;
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
    return true;
  }

  rowOf(peer: PeerRef): number | undefined {
    return this.#rowsById.get(peer.id);
  }

  /** The row that is free now; undefined: the peer had none. */
  remove(peer: PeerRef): number | undefined {
    const row = this.#rowsById.get(peer.id);
    if (row === undefined) return undefined;
    this.#rowsById.delete(peer.id);
    this.#prefixes[row] = '';
    this.#addedAt[row] = EMPTY;
    this.#free.push(row);
    return row;
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
    const column: GrowingColumn = { values: new Float64Array(this.#capacity), initial };
    this.#columns.push(column);
    return column;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const column of this.#columns) {
      const larger = new Float64Array(this.#capacity);
      larger.set(column.values);
      column.values = larger;
    }
  }
}

/**
 * Through bytes, which makes one flat string of it: joined ones stay trees of their parts in V8, that take 160 bytes more for
 * each peer, 390 more with two target labels, and are walked for every sample of a scrape (a third of its time).
 */
function prefixOf({ group, peer, labels }: PeerRef): string {
  return Buffer.from(`{${labelPairs({ group, peer, ...labels }, 'text')}`).toString();
}
