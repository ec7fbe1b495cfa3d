import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, loadAverage } from './machine.ts';
import { buildNative } from './native.ts';
import { holdFleet } from './parts/hold-plain.ts';
import { guardRatios, judgeGuard, MARGIN, worstOf } from './results/guard-ratios.ts';
import type { Reading } from './results/readings.ts';
import { formatFigure, type RowName, ROWS } from './results/rows.ts';
import { median } from '../support/statistics.ts';

/**
 * The small bench of CI, in under three minutes: Finrst beside Node.js with prom-client, three passes. It fails when a ratio
 * of CPU or memory is worse than the recorded one by more than the margin, and when an end was lost or misnamed. Delays are
 * printed, since other programs on the machine change them.
 *
 * `--record` writes the ratios down instead: after a change that is meant, on a quiet machine. It keeps the worst of five
 * such runs, or of `--runs`, since memory also depends on when the garbage collection of either process happens to begin. With
 * `--add` what the file has stays where it is worse: for more runs of the same program.
 */
const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
  },
});
const RECORDED = fileURLToPath(new URL('guard-recorded.json', import.meta.url));
const PEERS = 3000;
const PASSES = 3;
const RECORDED_RUNS = Number(values.runs);
const IDLE_SECONDS = 8;
/** The recorded ratios are of so many. */
const SCRAPES = 3;
const DELAYS = [
  'end_median',
  'end_p99',
  'end_scraped_median',
  'end_scraped_p99',
  'storm_counted',
  'storm_turn',
] as const;

type Recorded = {
  readonly machine: string;
  readonly runs: number;
  /** Load average before each run; of some that were added it was not written down. */
  readonly loads: readonly number[];
  readonly ratios: Readonly<Record<string, number>>;
};

const native = buildNative({ go: false, blackbox: false });
if (values.record) await record();
else compare(await measure());

async function measure(): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    await holdFleet({
      native,
      peers: PEERS,
      idleSeconds: IDLE_SECONDS,
      scrapes: SCRAPES,
      collectsBeforeScrapes: true,
      sampleSeconds: 1,
      phases: ['idle', 'scrape', 'ends', 'storm'],
      holders: ['finrst', 'bare'],
      // Sampled as often as can be: in a few seconds that is as many samples as in minutes of the default.
      more: { config: { sampleInterval: '1s' } },
      keep: ({ name: holder }, row, value) =>
        readings.push({ run: String(pass), setting: 'plain', peers: PEERS, holder, row, value }),
      report: () => {},
    });
  }
  return readings;
}

function readRecorded(): Recorded {
  return JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded;
}

async function record(): Promise<never> {
  const loads: number[] = [];
  const runs: Readonly<Record<string, number>>[] = [];
  while (runs.length < RECORDED_RUNS) {
    loads.push(Number(loadAverage().toFixed(1)));
    runs.push(guardRatios(await measure()));
    console.log(runs.at(-1));
  }
  const before = values.add ? readRecorded() : { runs: 0, loads: [], ratios: {} };
  const recorded: Recorded = {
    machine: describeMachine(),
    runs: before.runs + RECORDED_RUNS,
    loads: [...before.loads, ...loads],
    ratios: worstOf(values.add ? [...runs, before.ratios] : runs),
  };
  writeFileSync(RECORDED, `${JSON.stringify(recorded, null, 2)}\n`);
  process.exit();
}

function compare(readings: readonly Reading[]): never {
  const verdicts = judgeGuard(guardRatios(readings), readRecorded().ratios);
  console.log(`Finrst over Node.js with prom-client, ${PEERS} peers, median of ${PASSES} passes:\n`);
  for (const { what, ratio, recorded: before, isWorse } of verdicts) {
    const figures = `${ratio.toFixed(2)}x, recorded ${before.toFixed(2)}x`;
    console.log(`${isWorse ? 'WORSE' : 'ok   '} ${what.padEnd(44)} ${figures}`);
  }
  console.log('\nNot judged:');
  for (const row of DELAYS)
    console.log(`      ${ROWS[row].title.padEnd(44)} ${formatFigure(row, median(valuesOf(row)))}`);
  const worse = verdicts.filter(({ isWorse }) => isWorse);
  if (worse.length > 0) console.log(`\n${worse.length} worse than recorded by more than ${100 * MARGIN} %.`);
  const wrong = Math.max(...valuesOf('end_wrong'), ...valuesOf('storm_wrong'));
  if (wrong > 0) console.log(`\n${wrong} ends were lost, misnamed or invented.`);
  process.exit(worse.length > 0 || wrong > 0 ? 1 : 0);

  function valuesOf(row: RowName): readonly number[] {
    return readings.filter((reading) => reading.holder === 'finrst' && reading.row === row).map(({ value }) => value);
  }
}
