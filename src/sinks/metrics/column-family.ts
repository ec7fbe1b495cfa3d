import { escapeLabelValue, labelPairs, valueText } from './exposition-text.ts';
import type { CountedEnds } from './end-counts.ts';
import type { MetricName } from './metric-catalogue.ts';
import type { Column, PeerTable } from './peer-table.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

/** One series of each peer: what its labels add to `group` and `peer`, and where its value is. A NaN is not shown. */
export type Cell = { readonly labels: Readonly<Record<string, string>>; readonly column: Column };

/** Rows per slice: about 20 microseconds of work for each of a family's cells, far below the budget between two polls. */
const ROWS_PER_SLICE = 64;

/** A per-peer family whose values are numbers in columns. */
export function columnFamily(table: PeerTable, name: MetricName, cells: readonly Cell[]): SlicedFamily {
  const heads = cells.map(({ labels, column }) => {
    const pairs = labelPairs(labels, 'text');
    return { column, tail: pairs === '' ? '} ' : `,${pairs}} ` };
  });
  const line = (row: number): string => {
    let text = '';
    for (const { column, tail } of heads) {
      const value = column.values[row];
      if (value === undefined || Number.isNaN(value)) continue;
      text += name + table.prefixOf(row) + tail + valueText(value) + '\n';
    }
    return text;
  };
  return slicedFamily(name, () => sliceRows(table, line));
}

/** A per-peer family of counters that exist from their first count on. `kinds` has the labels of each kind that is counted. */
export function countedFamily(
  table: PeerTable,
  name: MetricName,
  {
    kinds,
    of,
  }: { readonly kinds: readonly Readonly<Record<string, string>>[]; readonly of: (row: number) => CountedEnds },
): SlicedFamily {
  const tails = kinds.map((labels) => `,${labelPairs(labels, 'text')}} `);
  const line = (row: number): string => {
    const counts = of(row);
    let text = '';
    for (let i = 0; i < counts.length; i += 2) {
      text += `${name}${table.prefixOf(row)}${tails[counts[i] ?? 0]}${counts[i + 1]}\n`;
    }
    return text;
  };
  return slicedFamily(name, () => sliceRows(table, line));
}

/** A per-peer family of one series each, whose value is worked out when it is read. */
export function computedFamily(table: PeerTable, name: MetricName, valueOf: (row: number) => number): SlicedFamily {
  const line = (row: number): string => `${name}${table.prefixOf(row)}} ${valueText(valueOf(row))}\n`;
  return slicedFamily(name, () => sliceRows(table, line));
}

/** A per-peer family that is always 1 and says something in its labels; `labelsOf` null: nothing to say yet. */
export function infoFamily(
  table: PeerTable,
  name: MetricName,
  labelsOf: (row: number) => Readonly<Record<string, string>> | null,
): SlicedFamily {
  const line = (row: number): string => {
    const labels = labelsOf(row);
    if (labels === null) return '';
    let text = name + table.prefixOf(row);
    for (const label in labels) text += `,${label}="${escapeLabelValue(labels[label] ?? '')}"`;
    return text + '} 1\n';
  };
  return slicedFamily(name, () => sliceRows(table, line));
}

/**
 * The lines of all rows, in slices. Rows are looked at when their turn comes: a peer removed meanwhile is left out, one
 * added meanwhile waits for the next reader, even where it took over a row, so no series can appear twice.
 */
function* sliceRows(table: PeerTable, line: (row: number) => string): Iterable<string> {
  const { generation, rows } = table;
  for (let from = 0; from < rows; from += ROWS_PER_SLICE) {
    let text = '';
    const to = Math.min(rows, from + ROWS_PER_SLICE);
    for (let row = from; row < to; row++) if (table.wasThere(row, generation)) text += line(row);
    yield text;
  }
}
