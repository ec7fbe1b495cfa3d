import { figureOf, type Reading } from './readings.ts';
import { ROWS, type RowName, formatFigure } from './rows.ts';

/**
 * What the Go program needed at 15,000 peers when the bars were set (Go 1.26.8, client_golang 1.25.0, two shared cores). A
 * program that was made worse, or a machine that is nothing like that one, gives ratios that mean nothing.
 */
const REFERENCE: Partial<Readonly<Record<RowName, number>>> = {
  memory_idle: 22.4,
  memory_stormed: 32,
  idle_cpu: 0.51,
  scrape_cpu: 1909,
  storm_cpu: 100,
};
const PEERS = 15_000;
const TOLERANCE = 0.25;

export type ReferenceCheck = {
  readonly row: RowName;
  readonly measured: number;
  readonly reference: number;
  readonly isWithin: boolean;
};

/** The baseline's own figures against those; rows that were not measured are left out. */
export function checkReference(readings: readonly Reading[]): readonly ReferenceCheck[] {
  return Object.entries(REFERENCE).flatMap(([name, reference]) => {
    const row = name as RowName;
    const figure = figureOf(readings, { setting: 'plain', peers: PEERS, holder: 'go', row });
    if (figure === null) return [];
    const measured = figure.median;
    return [{ row, measured, reference, isWithin: Math.abs(measured / reference - 1) <= TOLERANCE }];
  });
}

/** The check as text; empty where the baseline was not measured at that size. */
export function formatReference(checks: readonly ReferenceCheck[]): string {
  if (checks.length === 0) return '';
  const lines = checks.map(
    ({ row, measured, reference, isWithin }) =>
      `  ${isWithin ? 'ok  ' : 'VOID'} ${ROWS[row].title}: ${formatFigure(row, measured)}, reference ${formatFigure(row, reference)}`,
  );
  const isVoid = checks.some(({ isWithin }) => !isWithin);
  const verdict = isVoid ? 'the ratios to it are void' : 'its ratios hold';
  return [`The Go program against its reference (within ${100 * TOLERANCE} %): ${verdict}`, ...lines, ''].join('\n');
}
