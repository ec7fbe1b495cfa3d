import type { AttackRun, Phase } from './run-attacks.ts';

/** A detection slower than this is felt; on a busy machine the baseline decides. */
const SLOW_MS = 100;
const TIMES_BASELINE = 10;
const LEAST_ANSWERS_PER_SECOND = 20;
const MOST_RSS_GROWTH_BYTES = 50 * 1024 * 1024;

/** What was promised and did not hold, in words; empty: all of it held. */
export function broken({ phases, keepAlive, exitCode }: AttackRun): readonly string[] {
  const [baseline] = phases;
  if (baseline === undefined) return ['nothing ran'];
  const slowest = Math.max(SLOW_MS, TIMES_BASELINE * baseline.p99);
  return [
    ...phases.flatMap((phase) => brokenIn(phase, slowest)),
    ...phases
      .filter(({ mostRssBytes }) => mostRssBytes - baseline.mostRssBytes > MOST_RSS_GROWTH_BYTES)
      .map(({ name, mostRssBytes }) => `${name}: memory grew by ${mib(mostRssBytes - baseline.mostRssBytes)}`),
    ...(keepAlive.connections === 1 ? [] : [`a client that waits needed ${keepAlive.connections} connections`]),
    ...(exitCode === 0 ? [] : [`the daemon left with ${exitCode}`]),
  ];
}

function brokenIn(
  { name, attacks, seconds, ends, p99, probes, scrapes, counts }: Phase,
  slowest: number,
): readonly string[] {
  const problems: string[] = [];
  if (ends < seconds * 5) problems.push(`only ${ends} ends were seen`);
  if (!(p99 <= slowest)) problems.push(`ends were seen after ${p99} ms (p99), more than ${slowest.toFixed(0)} ms`);
  if (probes.wrong.length > 0 || probes.ok === 0) problems.push(`probes: ${probes.wrong.join(', ') || 'none'}`);
  if (scrapes.wrong.length > 0 || scrapes.ok === 0) problems.push(`scrapes: ${scrapes.wrong.join(', ') || 'none'}`);
  for (const [what, times] of Object.entries(counts.wrong)) problems.push(`clients: ${what} (${times} times)`);
  if (attacks.includes('json') && counts.ok < LEAST_ANSWERS_PER_SECOND * seconds) {
    problems.push(`clients: ${counts.ok} answers in ${seconds} s`);
  }
  return problems.map((problem) => `${name}: ${problem}`);
}

/** The figures of one phase on one line. */
export function lineOf({ name, ends, p50, p99, probes, scrapes, counts, mostRssBytes, seconds }: Phase): string {
  return [
    name.padEnd(13),
    `${ends} ends, seen after p50 ${p50} p99 ${p99} ms`,
    `probes ${probes.ok}/${probes.ok + probes.wrong.length} (at most ${probes.longestMs.toFixed(0)} ms)`,
    `scrapes ${scrapes.ok}/${scrapes.ok + scrapes.wrong.length} (at most ${scrapes.longestMs.toFixed(0)} ms)`,
    `RSS ${mib(mostRssBytes)}`,
    `clients: ${(counts.ok / seconds).toFixed(0)}/s 200, ${(counts.busy / seconds).toFixed(0)}/s 503, ${counts.cut} connections cut`,
  ].join('; ');
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
