import { longestWord, wrapText } from './wrap-text.ts';

/** Between columns. */
const GAP = 2;

type Row = readonly string[];

/**
 * Columns of text, the first row being the header, two spaces apart; the last column is not padded. Where `width` is too
 * small for that, cells are broken at spaces; where words are too long for that as well, each row is a paragraph that names
 * its columns, below its first cell. Null: there is room enough.
 */
export function textTable(rows: readonly Row[], width: number | null = null): readonly string[] {
  const natural = widest(rows, (cell) => cell.length);
  if (width === null || fits(natural, width)) return columns(rows, natural);
  const least = widest(rows, longestWord);
  return fits(least, width) ? columns(rows, between(least, natural, width)) : paragraphs(rows, width);
}

function widest(rows: readonly Row[], lengthOf: (cell: string) => number): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, lengthOf(cell));
  }
  return widths;
}

function fits(widths: readonly number[], width: number): boolean {
  return total(widths) + GAP * (widths.length - 1) <= width;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0);
}

/** What is left beside the least widths is shared evenly; a column that wants less than its share leaves the rest to others. */
function between(least: readonly number[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...least];
  let left = width - total(least) - GAP * (least.length - 1);
  const wants = least.map((each, column) => ({ column, want: (natural[column] ?? each) - each }));
  for (const [served, { column, want }] of wants.toSorted((one, other) => one.want - other.want).entries()) {
    const share = Math.min(want, Math.floor(left / (wants.length - served)));
    widths[column] = (widths[column] ?? 0) + share;
    left -= share;
  }
  return widths;
}

function columns(rows: readonly Row[], widths: readonly number[]): readonly string[] {
  return rows.flatMap((row) => {
    const cells = row.map((cell, column) => wrapText(cell, widths[column] ?? null));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, column) => (lines[line] ?? '').padEnd(column === row.length - 1 ? 0 : (widths[column] ?? 0)))
        .join(' '.repeat(GAP))
        .trimEnd(),
    );
  });
}

function paragraphs([header = [], ...rows]: readonly Row[], width: number): readonly string[] {
  const indent = ' '.repeat(GAP);
  return rows.flatMap(([title = '', ...cells]) => {
    const named = cells.map((cell, at) => `${(header[at + 1] ?? '').toLowerCase()}: ${cell}`);
    return [title, ...wrapText(named.join('; '), width - GAP).map((line) => indent + line)];
  });
}
