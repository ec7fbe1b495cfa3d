import { figureOf, ratioOf, type Reading } from './readings.ts';
import { ROWS, ROW_NAMES, type RowName, formatFigure } from './rows.ts';

/** How columns are headed. */
const TITLES: Readonly<Record<string, string>> = {
  finrst: 'Finrst',
  go: 'Go',
  bare: 'Node.js, prom-client',
  node: 'Node.js alone',
  floor: 'C floor',
  blackbox: 'blackbox_exporter',
};
const RATIOS = ['go', 'bare'] as const;

export type Table = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

type TitledTable = Table & { readonly title: string };

/** One table for each setting and number of peers, in the order they were measured; rows and columns without a figure are left out. */
export function tablesOf(readings: readonly Reading[]): readonly TitledTable[] {
  const keys = [...new Set(readings.map(({ setting, peers }) => `${peers} peers, ${setting}`))];
  return keys.map((title) => {
    const own = readings.filter(({ setting, peers }) => `${peers} peers, ${setting}` === title);
    return tableOf(title, own);
  });
}

/** The readings are of one setting and number of peers. */
function tableOf(title: string, readings: readonly Reading[]): TitledTable {
  const setting = readings[0]?.setting ?? '';
  const peers = readings[0]?.peers ?? 0;
  const holders = Object.keys(TITLES).filter((name) => readings.some(({ holder }) => holder === name));
  const ratios = holders.includes('finrst') ? RATIOS.filter((name) => holders.includes(name)) : [];
  const cell = (row: RowName, holder: string) => ({ setting, peers, holder, row });
  const rows = ROW_NAMES.filter((name) => readings.some(({ row }) => row === name)).map((row) => [
    ROWS[row].title,
    ...holders.map((holder) => formatCell(readings, row, holder)),
    ...ratios.map((other) => formatRatio(ratioOf(readings, cell(row, 'finrst'), other))),
  ]);
  const head = ['', ...holders.map((name) => TITLES[name] ?? name), ...ratios.map((name) => `/ ${TITLES[name]}`)];
  return { title, head, rows };

  function formatCell(all: readonly Reading[], row: RowName, holder: string): string {
    const figure = figureOf(all, cell(row, holder));
    if (figure === null) return '';
    const { digits } = ROWS[row];
    const spread = figure.count > 1 ? ` [${figure.min.toFixed(digits)}..${figure.max.toFixed(digits)}]` : '';
    return `${formatFigure(row, figure.median)}${spread}`;
  }
}

function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return '';
  // Of next to nothing everything is a multiple.
  return ratio > 100 ? '> 100x' : `${ratio.toFixed(2)}x`;
}

/** For a terminal: columns of equal width. */
export function asText({ title, head, rows }: TitledTable): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const pad = (line: readonly string[]): string =>
    line.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart((widths[i] ?? 0) + 2))).join('');
  return [title, ...lines.map(pad), ''].join('\n');
}

/** For the documentation. */
export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
