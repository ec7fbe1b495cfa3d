import { mkdtempSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import path from 'node:path';
import { startJanitor } from '../../lab/janitor.ts';
import { createPassBase } from '../../lab/pass-base.ts';
import { doubtsAbout, timed } from '../../lab/run-lab.ts';
import { runPass, type PassOptions, type PassRecord } from '../../lab/run-pass.ts';
import { ATTEMPTS, FAULTS } from '../../lab/scenarios/all.ts';
import { observedAttempts, observedDisagreements, observedRows, type ObservedRow } from './observed-rows.ts';

/** The faults of the lab, on connections and attempts of other processes. */
export type ObservedFaults = {
  /** Watched from their beginning. */
  readonly begun: readonly ObservedRow[];
  /** Found when they stood. */
  readonly found: readonly ObservedRow[];
  readonly attempts: readonly ObservedRow[];
  /** Where the counters, or the daemon that holds connections beside them, said something else. */
  readonly disagreements: readonly string[];
  readonly versions: { readonly node: string; readonly kernel: string };
};

/** Runs the three passes, each with an observing daemon. Namespaces, processes and files are gone afterwards, whatever happens. */
export async function runFaults(): Promise<ObservedFaults> {
  const folder = mkdtempSync(path.join(tmpdir(), 'finrst-observed-'));
  const janitor = startJanitor();
  janitor.add(`rm -rf ${folder}`);
  try {
    const base = createPassBase({ folder, node: process.execPath, janitor });
    const observed = (part: string, more: Pick<PassOptions, 'scenarios' | 'observed'>): Promise<PassRecord> =>
      timed(part, runPass({ ...base, ...more }));
    const begun = await observed('watched from the beginning', { scenarios: FAULTS, observed: 'begun' });
    const found = await observed('found when they stood', { scenarios: FAULTS, observed: 'found' });
    const attempts = await observed('attempts', { scenarios: ATTEMPTS, observed: 'begun' });
    return {
      begun: observedRows(begun),
      found: observedRows(found),
      attempts: observedAttempts(attempts),
      disagreements: Object.entries({ begun, found, attempts }).flatMap(([name, record]) => [
        ...doubtsAbout(name, record),
        ...(record.observed === null ? [] : observedDisagreements(record.observed)),
      ]),
      versions: { node: process.version, kernel: release().split('-', 1).join() },
    };
  } finally {
    await janitor.finish();
  }
}
