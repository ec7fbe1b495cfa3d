import type { TransformationJson } from '../support/dashboard-json.ts';
import type { PanelData } from './panel-data.ts';

export type Cell = string | number | undefined;
export type TableRow = Readonly<Record<string, Cell>>;
/** Columns in order, under the names they are shown with. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly TableRow[] };

/** The rows of the panel after its transformations, as Grafana would compute them. */
export function tableOf({ panel, targets }: PanelData): Table {
  const many = targets.length > 1;
  let frames: Table[] = targets.map(({ asked, recorded }) => {
    const value = many ? `Value #${asked.refId}` : 'Value';
    const labels = [...new Set(recorded.series.flatMap(({ metric }) => Object.keys(metric)))].toSorted();
    const rows = recorded.series.map(({ metric, value: sample }): TableRow => ({
      Time: sample?.[0],
      ...metric,
      [value]: sample === undefined ? undefined : Number(sample[1]),
    }));
    return { columns: ['Time', ...labels, value], rows };
  });
  for (const transformation of panel.transformations ?? []) frames = transform(frames, transformation);
  return frames[0] ?? { columns: [], rows: [] };
}

function transform(frames: readonly Table[], { id, options }: TransformationJson): Table[] {
  if (id === 'merge') return [merge(frames)];
  return frames.map((frame) => {
    switch (id) {
      case 'filterByValue':
        return filterByValue(frame, options as FilterOptions);
      case 'sortBy':
        return sortBy(frame, options as SortOptions);
      case 'organize':
        return organize(frame, options as OrganizeOptions);
      case 'labelsToFields':
        return labelRows(frame);
      default:
        throw new Error(`the renderer does not know the transformation ${id}`);
    }
  });
}

/** Rows that agree in all columns that every frame has become one row. */
function merge(frames: readonly Table[]): Table {
  const filled = frames.filter(({ rows }) => rows.length > 0);
  const columns = [...new Set(filled.flatMap((frame) => frame.columns))];
  const shared = columns.filter((column) => filled.every((frame) => frame.columns.includes(column)));
  const merged = new Map<string, TableRow>();
  for (const row of filled.flatMap(({ rows }) => rows)) {
    const key = JSON.stringify(shared.map((column) => row[column]));
    merged.set(key, { ...merged.get(key), ...row });
  }
  return { columns, rows: [...merged.values()] };
}

type FilterOptions = {
  readonly type: 'include' | 'exclude';
  readonly filters: readonly {
    readonly fieldName: string;
    readonly config: { readonly id: string; readonly options: { readonly value?: string } };
  }[];
};

function filterByValue({ columns, rows }: Table, { type, filters }: FilterOptions): Table {
  const hit = (row: TableRow): boolean =>
    filters.some(({ fieldName, config }) => {
      const cell = row[fieldName];
      return config.id === 'regex' ? new RegExp(config.options.value ?? '').test(`${cell}`) : cell !== undefined;
    });
  return { columns, rows: rows.filter((row) => hit(row) === (type === 'include')) };
}

type SortOptions = { readonly sort: readonly { readonly field: string; readonly desc: boolean }[] };

function sortBy({ columns, rows }: Table, { sort }: SortOptions): Table {
  const { field, desc } = sort[0] ?? { field: '', desc: false };
  const order = (one: TableRow, other: TableRow): number => {
    const [left, right] = [one[field], other[field]];
    const ascending =
      typeof left === 'number' && typeof right === 'number' ? left - right : `${left}`.localeCompare(`${right}`);
    return desc ? -ascending : ascending;
  };
  return { columns, rows: rows.toSorted(order) };
}

type OrganizeOptions = {
  readonly excludeByName: Readonly<Record<string, boolean>>;
  readonly indexByName: Readonly<Record<string, number>>;
  readonly renameByName: Readonly<Record<string, string>>;
};

function organize({ columns, rows }: Table, { excludeByName, indexByName, renameByName }: OrganizeOptions): Table {
  const kept = columns
    .filter((column) => excludeByName[column] !== true)
    .toSorted((one, other) => (indexByName[one] ?? 99) - (indexByName[other] ?? 99));
  const shown = (column: string): string => renameByName[column] ?? column;
  return {
    columns: kept.map(shown),
    rows: rows.map((row) => Object.fromEntries(kept.map((column) => [shown(column), row[column]]))),
  };
}

/** One row per label of the only series, as "Labels to fields" in rows mode does. */
function labelRows({ columns, rows }: Table): Table {
  const labels = columns.filter((column) => column !== 'Time' && !column.startsWith('Value'));
  return { columns: ['label', 'value'], rows: labels.map((label) => ({ label, value: rows[0]?.[label] })) };
}
