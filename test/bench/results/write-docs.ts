import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { judge } from './bars.ts';
import { checkReference, type ReferenceCheck } from './reference.ts';
import { formatResults, type Results } from './results.ts';
import { formatFigure, ROWS } from './rows.ts';
import { sizingOf } from './sizing.ts';
import { asMarkdown, tablesOf } from './tables.ts';

const DOCS = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));
/** The readings that the page was written from: a test holds the page against them. */
export const RECORDED = fileURLToPath(new URL('recorded-run.json', import.meta.url));
const BEGIN = '<!-- figures: written by `npm run bench -- --write-docs` -->';
const END = '<!-- end of figures -->';
/** Above it other programs, or what is left of the piece before, take time from what is measured. */
const QUIET_LOAD = 1;
const BUSY =
  '**The machine was busy with other programs** (a load average above 1 before a piece): times and delays are those of that machine at that moment, longer than on a quiet one, and CPU is higher, too.';

/** Writes the figures into docs/performance.md, and keeps what they were made from. */
export function writeDocs(results: Results): void {
  writeFileSync(RECORDED, formatResults(results));
  writeFileSync(DOCS, withFigures(readFileSync(DOCS, 'utf8'), results));
}

/** The page with these figures between its marks. */
export function withFigures(page: string, results: Results): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`no marks for figures in ${DOCS}`);
  return `${before}${BEGIN}\n\n${figures(results)}\n${END}${after}`;
}

function figures(results: Results): string {
  const { machine, on, loads, missing, readings } = results;
  const judged = judge(readings);
  const reference = checkReference(readings);
  return [
    `Measured on ${on}: ${machine}; load average of the machine before each piece: ${loads.join(', ')}. Medians; where a`,
    'figure was measured more than once, least and greatest in brackets. Ratios are medians of the ratios of each pass.',
    ...(loads.some((load) => load > QUIET_LOAD) ? ['', BUSY] : []),
    ...missing.map((name) => `Not installed there, and so not measured: ${name}.`),
    '',
    '### What one core carries',
    '',
    asMarkdown(sizingOf(readings)),
    ...tablesOf(readings).map((table) => `### ${table.title}\n\n${asMarkdown(table)}`),
    '### What was promised',
    '',
    asMarkdown({
      head: ['figure', 'measured', 'promised', ''],
      rows: judged.map(({ what, measured, bar, verdict }) => [what, measured, bar, verdict]),
    }),
    '### The Go program against its own reference',
    '',
    reference.length === 0
      ? 'Not measured at the number of peers that the reference is of.\n'
      : referenceTable(reference),
  ].join('\n');
}

function referenceTable(checks: readonly ReferenceCheck[]): string {
  return asMarkdown({
    head: ['figure', 'measured', 'reference', 'within 25 %'],
    rows: checks.map(({ row, measured, reference, isWithin }) => [
      ROWS[row].title,
      formatFigure(row, measured),
      formatFigure(row, reference),
      isWithin ? 'yes' : 'no: the ratios to it are void',
    ]),
  });
}
