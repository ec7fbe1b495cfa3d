import { mkdtempSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import path from 'node:path';
import { disagreements } from './consistency.ts';
import { type InsightFound, runInsight } from './insight/run-insight.ts';
import { type Janitor, startJanitor } from './janitor.ts';
import { createPassBase } from './pass-base.ts';
import { oldNode, versionOf } from './plain-clients.ts';
import { rowsOf, type Row } from './rows.ts';
import { runLimits } from './run-limits.ts';
import { runLocalCloses } from './run-local-closes.ts';
import { runLookups } from './run-lookups.ts';
import { MIXED, runMixed, type Mixed } from './run-mixed.ts';
import { runPass, type PassOptions, type PassRecord } from './run-pass.ts';
import { runStalls } from './run-stalls.ts';
import { ATTEMPTS, FAULTS, isChosen, STALLED } from './scenarios/all.ts';

/** Peers held beside the scenarios in the run under load. */
export const OTHERS = 1000;

export type Lab = {
  /** Faults on a daemon that does nothing else, with the plain clients beside it. */
  readonly quiet: readonly Row[];
  /** The same faults with 1,000 other peers held and /metrics scraped without pause. */
  readonly loaded: readonly Row[];
  /** Faults while the daemon is stopped. */
  readonly stalls: readonly Row[];
  readonly attempts: readonly Row[];
  readonly localCloses: readonly Row[];
  readonly limits: readonly Row[];
  /** Faults of all kinds at random, on many peers at once; null: not asked for. */
  readonly mixed: Mixed | null;
  /** What the daemon finds behind ends: incidents and hints. */
  readonly insight: readonly InsightFound[];
  /** Where /metrics and events of one run did not agree, and daemons that did not exit with 0. */
  readonly disagreements: readonly string[];
  /** Ends of the 1,000 other peers, to whom nothing was done. */
  readonly othersEnded: number;
  readonly scrapes: number;
  /** Observations of finrst_event_loop_stall_seconds above 2.5 s in the run with stalls. */
  readonly stallsMeasured: number;
  readonly versions: { readonly node: string; readonly uv: string; readonly oldNode: string; readonly kernel: string };
  readonly tookMs: number;
};

/**
 * Runs everything, one part after the other; beside them what is found behind ends, which mostly waits, in a network of its
 * own; but alone, before all, the row in which this host drops packets. Namespaces, processes and files are gone afterwards, whatever happens.
 */
export async function runLab(): Promise<Lab> {
  const started = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'finrst-lab-'));
  const janitor = startJanitor();
  janitor.add(`rm -rf ${folder}`);
  const base = { folder, node: process.execPath };
  try {
    const others = await timed('packets that this host drops', runInsight({ ...base, janitor }));
    const [parts, insight] = await Promise.all([runParts(base, janitor), timed('what is behind the ends', others())]);
    return { ...parts, insight, tookMs: Date.now() - started };
  } finally {
    await janitor.finish();
  }
}

/** Says how long a part takes: the suite has six minutes. */
export async function timed<T>(part: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const done = await work;
  process.stdout.write(`lab: ${part} took ${Math.round((Date.now() - started) / 1000)} s\n`);
  return done;
}

async function runParts(
  { folder, node }: { readonly folder: string; readonly node: string },
  janitor: Janitor,
): Promise<Omit<Lab, 'insight' | 'tookMs'>> {
  const old = oldNode();
  const base = createPassBase({ folder, node, janitor });
  const faults: PassOptions = { ...base, scenarios: FAULTS };
  const attempts = await timed('attempts', runPass({ ...base, scenarios: ATTEMPTS }));
  const quiet = await timed('quiet', runPass({ ...faults, plain: { current: node, old } }));
  const loaded = await timed('loaded', runPass({ ...faults, others: OTHERS, scraped: true }));
  const stalls = await timed('stalls', runStalls({ ...base, scenarios: STALLED }));
  const localCloses = await timed('local closes', runLocalCloses(base));
  const limits = [...(await timed('limits', runLimits(base))), ...(await timed('look-ups', runLookups(base)))];
  const mixed = isChosen(MIXED) ? await timed('at random', runMixed({ ...base, others: OTHERS, scraped: true })) : null;
  return {
    quiet: rowsOf(quiet),
    loaded: rowsOf(loaded),
    stalls: rowsOf(stalls),
    attempts: rowsOf(attempts),
    localCloses,
    limits,
    mixed,
    disagreements: Object.entries({ attempts, quiet, loaded, stalls }).flatMap(([name, record]) =>
      doubtsAbout(name, record),
    ),
    othersEnded: loaded.daemon.feed.all().filter(({ group, type }) => group === 'others' && type !== 'connected')
      .length,
    scrapes: loaded.metrics.get('finrst_scrapes_total{outcome="ok"}') ?? 0,
    stallsMeasured: longStalls(stalls.metrics),
    versions: {
      node: process.version,
      uv: process.versions.uv,
      oldNode: versionOf(old),
      kernel: release().split('-', 1).join(),
    },
  };
}

/** What does not agree in one pass, each line with its name. */
export function doubtsAbout(name: string, { metrics, before, after, exitCode }: PassRecord): readonly string[] {
  const exit = exitCode === 0 ? [] : [`exit code ${exitCode}`];
  return [...disagreements(metrics, before, after), ...exit].map((doubt) => `${name}: ${doubt}`);
}

function longStalls(metrics: ReadonlyMap<string, number>): number {
  const family = 'finrst_event_loop_stall_seconds';
  return (metrics.get(`${family}_count`) ?? 0) - (metrics.get(`${family}_bucket{le="2.5"}`) ?? 0);
}
