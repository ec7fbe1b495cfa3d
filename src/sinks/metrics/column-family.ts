import { escapeLabelValue, labelPairs, valueText } from './exposition-text.ts';
import type { CountedEnds } from './end-counts.ts';
import { KeptLines, type Lines } from './kept-lines.ts';
import type { MetricName } from './metric-catalogue.ts';
import type { Column, PeerTable } from './peer-table.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

/** One series of each peer: what its labels add to `group` and `peer`, and where its value is. A NaN is not shown. */
export type Cell = { readonly labels: Readonly<Record<string, string>>; readonly column: Column };

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
  return family(table, name, { line, columns: cells.map(({ column }) => column) });
}

/** What is counted of each peer. */
type Counted = Pick<Lines, 'columns'> & {
  /** The labels of each kind that is counted. */
  readonly kinds: readonly Readonly<Record<string, string>>[];
  /** Whenever it is another one, one of the columns has changed. */
  readonly of: (row: number) => CountedEnds;
};

/** A per-peer family of counters that exist from their first count on. */
export function countedFamily(table: PeerTable, name: MetricName, { kinds, of, columns }: Counted): SlicedFamily {
  const tails = kinds.map((labels) => `,${labelPairs(labels, 'text')}} `);
  const line = (row: number): string => {
    const counts = of(row);
    let text = '';
    for (let i = 0; i < counts.length; i += 2) {
      text += `${name}${table.prefixOf(row)}${tails[counts[i] ?? 0]}${counts[i + 1]}\n`;
    }
    return text;
  };
  return family(table, name, { line, columns });
}

/** A per-peer family of one series each, whose value is worked out when it is read. A NaN is not shown. */
export function computedFamily(
  table: PeerTable,
  name: MetricName,
  { value, ...of }: Omit<Lines, 'line'> & { readonly value: (row: number) => number },
): SlicedFamily {
  const line = (row: number): string => {
    const read = value(row);
    return Number.isNaN(read) ? '' : `${name}${table.prefixOf(row)}} ${valueText(read)}\n`;
  };
  return family(table, name, { line, ...of });
}

/** Null: there is nothing to say yet. */
type LabelsOf = (row: number) => Readonly<Record<string, string>> | null;

/** A per-peer family that is always 1 and says something in its labels. */
export function infoFamily(
  table: PeerTable,
  name: MetricName,
  { labelsOf, columns }: Pick<Lines, 'columns'> & { readonly labelsOf: LabelsOf },
): SlicedFamily {
  const line = (row: number): string => {
    const labels = labelsOf(row);
    if (labels === null) return '';
    let text = name + table.prefixOf(row);
    for (const label in labels) text += `,${label}="${escapeLabelValue(labels[label] ?? '')}"`;
    return text + '} 1\n';
  };
  return family(table, name, { line, columns });
}

function family(table: PeerTable, name: MetricName, lines: Lines): SlicedFamily {
  const kept = new KeptLines(table, lines);
  return slicedFamily(name, () => kept.slices());
}
