import { toSeconds } from '../../text/seconds.ts';
import { blockOf, type Column } from './peer-table.ts';

/** The value of a row; NaN: there is none. */
export const at = (column: Column, row: number): number => column.values[row] ?? NaN;
/** Sets the value of a row. */
export const put = (column: Column, row: number, value: number): void => {
  if (Object.is(column.values[row], value)) return;
  column.values[row] = value;
  const block = blockOf(row);
  column.changes[block] = (column.changes[block] ?? 0) + 1;
};
/** Adds to the value of a row. */
export const add = (column: Column, row: number, value: number): void => put(column, row, at(column, row) + value);
/** A length of time as a gauge has it; NaN: there is none. */
export const secondsOrNone = (milliseconds: number | null): number =>
  milliseconds === null ? NaN : toSeconds(milliseconds);
/** The counter exists from here on. */
export const begin = (column: Column, row: number): void => {
  if (Number.isNaN(at(column, row))) put(column, row, 0);
};
