import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { missingRequirements } from '../../lab/requirements.ts';
import { ATTEMPTS, FAULTS, ONLY, titled } from '../../lab/scenarios/all.ts';
import { faultsReport } from './faults-report.ts';
import { isJudged, type ObservedRow } from './observed-rows.ts';
import { runFaults, type ObservedFaults } from './run-faults.ts';

const missing = missingRequirements();
const lacks = missing.length === 0 ? '' : ` (skipped, it needs: ${missing.join('; ')})`;
const REPORT = path.join(import.meta.dirname, '../../../docs/conformance-observed.md');
/** Three passes over all faults. */
const DEADLINE_MS = 300_000;

test.runIf(process.env['CI'] === 'true')('a CI machine has all that the lab needs', () => {
  expect(missing).toEqual([]);
});

describe.skipIf(missing.length > 0)(`faults on what other processes hold${lacks}`, () => {
  let faults: ObservedFaults;
  beforeAll(async () => {
    faults = await runFaults();
    if (ONLY === undefined) writeFileSync(REPORT, faultsReport(faults));
  }, DEADLINE_MS);

  const allRight = (rows: readonly ObservedRow[], id: string): void => {
    const found = rows.find(({ scenario }) => scenario.id === id)!;
    expect(found.faults).toEqual([]);
    expect(found.right).toBe(found.scenario.repeat);
  };

  test.each(titled(FAULTS.filter(isJudged)))('the end that its process was told of: $title', ({ id }) =>
    allRight(faults.begun, id),
  );
  test.each(titled(FAULTS.filter(isJudged)))('also where the connection stood before us: $title', ({ id }) =>
    allRight(faults.found, id),
  );
  test.each(titled(ATTEMPTS.filter(({ dialled }) => dialled !== undefined)))(
    'the failure that its process was told of: $title',
    ({ id }) => allRight(faults.attempts, id),
  );
  test('the counters say what the log says', () => expect(faults.disagreements).toEqual([]));
});
