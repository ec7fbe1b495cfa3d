import { median, percentile } from '../support/statistics.ts';
import type { SoakOptions, SoakResult } from './run-soak.ts';

/** Memory may end this many times as high as in the first half: garbage collection alone changes it by about as much. */
const MOST_GROWTH = 1.15;
/** Threads that the runtime starts late. */
const MOST_LATE_DESCRIPTORS = 2;
const MOST_PRINTED = 500;

/** Whether memory and descriptors are flat: what is not, one sentence each. The first looks are the warm-up. */
export function growthFaults({ looks }: SoakResult): readonly string[] {
  const warm = looks.slice(1);
  const half = Math.floor(warm.length / 2);
  if (half < 2) return [];
  const before = median(warm.slice(0, half).map(({ rssBytes }) => rssBytes));
  const after = median(warm.slice(-half).map(({ rssBytes }) => rssBytes));
  const descriptors = warm.map((look) => look.descriptors);
  return [
    ...(after > before * MOST_GROWTH
      ? [`memory grows: ${mb(before)} in the first half, ${mb(after)} in the second`]
      : []),
    ...(Math.max(...descriptors) > (looks[0]?.descriptors ?? 0) + MOST_LATE_DESCRIPTORS
      ? [`descriptors grow: ${looks.map((look) => look.descriptors).join(' ')}`]
      : []),
  ];
}

/** Everything that a run showed, in the words of the record. */
export function soakReport(options: SoakOptions, result: SoakResult): string {
  const { tally, looks, scrapes } = result;
  const rate = tally.ends / result.busySeconds;
  const delays = tally.delaysMs.toSorted((a, b) => a - b);
  return [
    `seed ${options.seed}, ${options.peers} peers: ${tally.ends} ends in ${result.seconds.toFixed(0)} s (${rate.toFixed(0)} a second), ${sum(tally.localCloses)} closes of our own`,
    `${tally.miscounted} miscounted`,
    `${result.reloads} reloads; ${scrapes.count} rounds of two scrapes, events and page, the slowest scrape ${scrapes.worstMs.toFixed(0)} ms`,
    `group equation: exact at ${looks.length} looks at rest; under load at most ${scrapes.worstDifference} off, while a scrape is rendered`,
    `from FIN or RST to its event: median ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms, longest ${delays.at(-1)} ms; longest stall of the injector ${result.longestStallMs} ms`,
    '',
    'fault → word                                          times, all right',
    ...rows(tally.rightly),
    '',
    'closes of our own',
    ...rows(tally.localCloses),
    `  attempts given up at a reload                       ${String(tally.givenUpAttempts).padStart(9)}`,
    '',
    '     ends   after   memory  descriptors  CPU',
    ...looks.map(
      ({ ends, atSeconds, rssBytes, descriptors, cpuSeconds }) =>
        `${String(ends).padStart(9)}  ${`${atSeconds.toFixed(0)} s`.padStart(6)}  ${mb(rssBytes).padStart(7)}  ${String(descriptors).padStart(11)}  ${cpuSeconds.toFixed(0)} s`,
    ),
    ...section('either word counts: a close of our own within 1 s of the fault', tally.pairs),
    ...section('the injector itself was held up: the peer was silent for longer than its deadline', tally.excuses),
    ...section('the daemon logged errors', result.log === '' ? [] : result.log.trimEnd().split('\n')),
    ...section('FAULTS by kind', kindsOf(result.faults)),
    ...section('FAULTS', [...result.faults.slice(0, MOST_PRINTED), ...growthFaults(result)]),
  ].join('\n');
}

/** Faults without what differs from one to the next: peers, ports, times, connections. */
function kindsOf(faults: readonly string[]): readonly string[] {
  const kinds = Map.groupBy(faults, (fault) => fault.replaceAll(/ at \S+|\b[\w:.-]*\d[\w:.-]*/g, '#'));
  return [...kinds].map(([kind, { length }]) => `${length} x ${kind}`);
}

function rows(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => `  ${key.padEnd(50)}${String(count).padStart(11)}`);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `${title}: ${lines.length}`, ...lines.map((line) => `  ${line}`)];
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
