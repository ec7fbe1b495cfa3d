import type { PeerRef } from '../../domain/peer-ref.ts';
import { escapeLabelValue } from './exposition-text.ts';

/** One number per peer. `values` is replaced when the table grows: read it anew each time. NaN: no value yet. */
export type Column = { readonly values: Float64Array; readonly initial: number };

/** Rows of peers. A removed peer's row is used again by a later one. */
export type PeerTable = {
  /** A new column; every row added later begins with `initial`. Create all columns before the first row. */
  column(initial: number): Column;
  /** The row of a new peer, all columns at their initial values. */
  add(peer: PeerRef): number;
  rowOf(peer: PeerRef): number | undefined;
  remove(peer: PeerRef): number | undefined;
  refOf(row: number): PeerRef | undefined;
  /** `{group="...",peer="..."`, open at the end for further labels. */
  prefixOf(row: number): string;
  /** Rows that were ever in use: 0 to here, holes included. */
  readonly rows: number;
  /** The point in time of a reader: rows added later are not for it. */
  readonly generation: number;
  /** Whether the row holds a peer that was there at that generation. */
  shows(row: number, generation: number): boolean;
};

/** Enough for a small configuration; doubled when it is full, so that adding n peers copies O(n) numbers. */
const FIRST_CAPACITY = 64;

type Growing = { values: Float64Array; readonly initial: number };

export function createPeerTable(): PeerTable {
  const columns: Growing[] = [];
  const rowsById = new Map<number, number>();
  const refs: (PeerRef | undefined)[] = [];
  const prefixes: string[] = [];
  const bornAt: number[] = [];
  const free: number[] = [];
  let capacity = FIRST_CAPACITY;
  let generation = 0;

  const grow = (): void => {
    capacity *= 2;
    for (const column of columns) {
      const larger = new Float64Array(capacity);
      larger.set(column.values);
      column.values = larger;
    }
  };
  const remove = (peer: PeerRef): number | undefined => {
    const row = rowsById.get(peer.id);
    if (row === undefined) return undefined;
    rowsById.delete(peer.id);
    refs[row] = undefined;
    prefixes[row] = '';
    free.push(row);
    return row;
  };
  return {
    column(initial) {
      const column: Growing = { values: new Float64Array(capacity), initial };
      columns.push(column);
      return column;
    },
    add(peer) {
      const row = free.pop() ?? refs.length;
      if (row >= capacity) grow();
      refs[row] = peer;
      prefixes[row] = `{group="${escapeLabelValue(peer.group)}",peer="${escapeLabelValue(peer.peer)}"`;
      bornAt[row] = ++generation;
      rowsById.set(peer.id, row);
      for (const column of columns) column.values[row] = column.initial;
      return row;
    },
    rowOf: (peer) => rowsById.get(peer.id),
    remove,
    refOf: (row) => refs[row],
    prefixOf: (row) => prefixes[row] ?? '',
    get rows() {
      return refs.length;
    },
    get generation() {
      return generation;
    },
    shows: (row, at) => refs[row] !== undefined && (bornAt[row] ?? 0) <= at,
  };
}
