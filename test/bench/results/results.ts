import type { Reading } from './readings.ts';

/** A run, or the pieces of one: what its file has. */
export type Results = {
  readonly machine: string;
  /** The day of the last piece, YYYY-MM-DD. */
  readonly on: string;
  /** Load average of the machine before each piece: above 1 delays mean little, and CPU and memory a little less. */
  readonly loads: readonly number[];
  /** Programs that were not there to be measured. */
  readonly missing: readonly string[];
  readonly readings: readonly Reading[];
};

/** As a file: a line for each reading, so that a difference can be read. */
export function formatResults({ readings, ...rest }: Results): string {
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"readings":[\n${readings.map((reading) => JSON.stringify(reading)).join(',\n')}\n]}\n`;
}
