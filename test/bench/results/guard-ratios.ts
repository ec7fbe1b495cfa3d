import type { Reading } from './readings.ts';
import { median } from '../../support/statistics.ts';
import type { RowName } from './rows.ts';

/** A figure of Finrst over one of the baseline; delays are in none. */
export type GuardRatio = { readonly what: string; readonly ours: RowName; readonly theirs: RowName };

/** The baseline is Node.js with prom-client. Its memory after scrapes and a storm is chance; its memory at rest is not. */
export const GUARD_RATIOS: readonly GuardRatio[] = [
  { what: 'memory of the process without peers', ours: 'rss_at_0', theirs: 'rss_at_0' },
  { what: 'memory per peer at rest', ours: 'memory_idle', theirs: 'memory_idle' },
  { what: 'memory per peer after scrapes and a storm', ours: 'memory_stormed', theirs: 'memory_idle' },
  { what: 'CPU of a connect', ours: 'ramp_cpu', theirs: 'ramp_cpu' },
  { what: 'CPU of a sample, over that of a connect', ours: 'sample_cpu', theirs: 'ramp_cpu' },
  { what: 'CPU of a scrape', ours: 'scrape_cpu', theirs: 'scrape_cpu' },
  { what: 'CPU of a scrape with gzip, over a plain one', ours: 'gzip_cpu', theirs: 'scrape_cpu' },
  { what: 'CPU of an end and a reconnect', ours: 'storm_cpu', theirs: 'storm_cpu' },
];

/** Worse than recorded by more than this fails. */
export const MARGIN = 0.3;

/** The median of the ratios of all runs, by what they say. A run that lacks a figure is an error: nothing may go unjudged. */
export function guardRatios(readings: readonly Reading[], ratios = GUARD_RATIOS): Readonly<Record<string, number>> {
  const runs = [...new Set(readings.map(({ run }) => run))];
  const figure = (run: string, holder: string, row: RowName): number => {
    const found = readings.find((reading) => reading.run === run && reading.holder === holder && reading.row === row);
    if (found === undefined) throw new Error(`${row} of ${holder} was not measured`);
    return found.value;
  };
  return Object.fromEntries(
    ratios.map(({ what, ours, theirs }) => [
      what,
      median(runs.map((run) => figure(run, 'finrst', ours) / figure(run, 'bare', theirs))),
    ]),
  );
}

/** Of each ratio the greatest of several runs, to three digits behind the point: what is recorded. */
export function worstOf(runs: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((what) => [what, Number(Math.max(...runs.map((run) => run[what] ?? NaN)).toFixed(3))]),
  );
}

export type GuardVerdict = {
  readonly what: string;
  readonly ratio: number;
  readonly recorded: number;
  readonly isWorse: boolean;
};

/** Holds ratios against the recorded ones. One that was never recorded counts as worse: it would guard nothing. */
export function judgeGuard(
  ratios: Readonly<Record<string, number>>,
  recorded: Readonly<Record<string, number>>,
): readonly GuardVerdict[] {
  return Object.entries(ratios).map(([what, ratio]) => {
    const before = recorded[what] ?? NaN;
    // Written so that NaN is worse.
    return { what, ratio, recorded: before, isWorse: !(ratio <= before * (1 + MARGIN)) };
  });
}
