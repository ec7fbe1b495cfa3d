import { median, type Spread, spreadOf } from '../../support/statistics.ts';
import type { RowName } from './rows.ts';

/** One measured figure. What is the same in all but `run` and `value` was measured more than once. */
export type Reading = {
  /** One pass over all holders: ratios are taken within it. */
  readonly run: string;
  /** What was special: `plain`, `tls`, `heartbeats`, `loopback, default`. */
  readonly setting: string;
  readonly peers: number;
  readonly holder: string;
  readonly row: RowName;
  readonly value: number;
};

/** Which figures are meant. */
export type Cell = Pick<Reading, 'setting' | 'peers' | 'holder' | 'row'>;

/** Every reading of a cell, in the order they were taken. */
export function readingsOf(readings: readonly Reading[], cell: Cell): readonly Reading[] {
  return readings.filter(
    ({ setting, peers, holder, row }) =>
      setting === cell.setting && peers === cell.peers && holder === cell.holder && row === cell.row,
  );
}

/** Median and spread of a cell. Null: it was not measured. */
export function figureOf(readings: readonly Reading[], cell: Cell): Spread | null {
  const found = readingsOf(readings, cell);
  return found.length === 0 ? null : spreadOf(found.map(({ value }) => value));
}

/**
 * How many times as much this holder needs as another one: the median of the ratios of each run that measured both, since
 * figures of one run saw the same machine. Null: no run did.
 */
export function ratioOf(readings: readonly Reading[], cell: Cell, other: string): number | null {
  const theirs = new Map(readingsOf(readings, { ...cell, holder: other }).map(({ run, value }) => [run, value]));
  const ratios = readingsOf(readings, cell).flatMap(({ run, value }) => {
    const baseline = theirs.get(run);
    return baseline === undefined ? [] : [value / baseline];
  });
  return ratios.length === 0 ? null : median(ratios);
}
