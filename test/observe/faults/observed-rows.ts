import { countWords } from '../../lab/figures.ts';
import { repeats, type Placed } from '../../lab/pass-config.ts';
import type { PassRecord } from '../../lab/run-pass.ts';
import { LOST_PROBE, LOST_WRITE, type Scenario, type TwinSight } from '../../lab/scenario.ts';
import type { TwinEnd } from '../../lab/twins.ts';
import { expectedOfTwin, sightOf } from '../../lab/witness.ts';
import { observedTarget, type ObservedLine, type ObservedRecord } from '../../lab/observing.ts';

/** What was observed of connections of another process, beside what that process got itself. */
export type ObservedRow = {
  readonly scenario: Scenario;
  /** Repeats without a fault. */
  readonly right: number;
  readonly faults: readonly string[];
  /** What the process got, and what was observed, each with how often. */
  readonly got: ReadonlyMap<string, number>;
  readonly seen: ReadonlyMap<string, number>;
};

/** What an end has to be called, by what its process got. */
const VERDICTS: Readonly<Record<TwinSight, string>> = {
  eof: 'eof/fin',
  [LOST_PROBE]: 'error/keepalive_timeout',
  [LOST_WRITE]: 'error/retransmit_timeout',
  ECONNRESET: 'error/reset',
  EHOSTUNREACH: 'error/host_unreachable',
  ENETUNREACH: 'error/network_unreachable',
  ECONNREFUSED: 'error/port_unreachable',
  ECONNABORTED: 'error/aborted',
  EACCES: 'error/prohibited',
  ENOPROTOOPT: 'error/prohibited',
};
const HELD = 'no end';
const NO_ERRNO = 'failed, no errno';
const UNSEEN = 'nothing';

/** Where a record of TLS speaks before TCP does, the twin closes at once, and who ends it is a race: not judged. */
export function isJudged(scenario: Scenario): boolean {
  return scenario.twin !== false && !expectedOfTwin(scenario).has('data');
}

/** One row for each scenario that another process's connections took part in. */
export function observedRows({ placed, twins, observed }: PassRecord): readonly ObservedRow[] {
  if (observed === null) return [];
  const byTarget = Map.groupBy(observed.lines, ({ address }) => address);
  return placed
    .filter(({ scenario }) => isJudged(scenario))
    .map((one) => rowOf(one, { ends: twins.get(one.scenario) ?? [], byTarget }));
}

/** One row for each scenario that a plain client dialled. */
export function observedAttempts({ placed, observed, dialled }: PassRecord): readonly ObservedRow[] {
  const byTarget = Map.groupBy(observed?.lines ?? [], ({ address }) => address);
  return placed
    .filter(({ scenario }) => scenario.dialled !== undefined)
    .map((one) => {
      const { scenario } = one;
      const judged = repeats(scenario).map((k) => {
        const got = dialled.find((event) => event.scenario === scenario.id && event.k === k && event.event === 'error');
        const lines = byTarget.get(observedTarget(one, k)) ?? [];
        const errno = got?.code ?? 'nothing';
        return { k, got: errno, ...judgeAttempt(tellable(scenario, errno), lines) };
      });
      return rowFrom(scenario, judged);
    });
}

/** What the trace can say of an attempt that failed with this errno. */
function tellable({ dialled }: Scenario, errno: string): readonly string[] {
  if (dialled === 'unseen') return [UNSEEN];
  return dialled === 'soft' ? [errno, NO_ERRNO] : [errno];
}

function judgeAttempt(told: readonly string[], lines: readonly ObservedLine[]): Sight {
  const all = lines.map((line) => (line.msg === 'observed connect failed' ? (line.errno ?? NO_ERRNO) : line.msg));
  const seen = all.length === 0 ? UNSEEN : all.join(', ');
  return { seen, faults: told.includes(seen) ? [] : [`said ${seen}, not ${told.join(' or ')}`] };
}

/** What was observed of one repeat, and what is wrong with that. */
type Sight = { readonly seen: string; readonly faults: readonly string[] };

type Witnesses = {
  readonly ends: readonly TwinEnd[];
  readonly byTarget: ReadonlyMap<string, readonly ObservedLine[]>;
};

function rowOf(placed: Placed, { ends, byTarget }: Witnesses): ObservedRow {
  const { scenario } = placed;
  const judged = repeats(scenario).map((k) => {
    const end = ends.find((one) => one.k === k);
    const lines = byTarget.get(observedTarget(placed, k)) ?? [];
    return { k, got: end === undefined ? HELD : sightOf(end), ...judgeObserved(end ?? null, lines) };
  });
  return rowFrom(scenario, judged);
}

function rowFrom(
  scenario: Scenario,
  judged: readonly (Sight & { readonly k: number; readonly got: string })[],
): ObservedRow {
  return {
    scenario,
    right: judged.filter(({ faults }) => faults.length === 0).length,
    faults: judged.flatMap(({ k, faults }) => faults.map((fault) => `repeat ${k}: ${fault}`)),
    got: countWords(judged.map(({ got }) => got)),
    seen: countWords(judged.map(({ seen }) => seen)),
  };
}

/** `end`: what the process got; null: its connection stayed. Nothing is forgiven: one connection, and one end or none. */
export function judgeObserved(end: TwinEnd | null, lines: readonly ObservedLine[]): Sight {
  const begun = lines.filter(({ msg }) => / (?:established|found)$/.test(msg)).length;
  const ended = lines.filter(({ msg }) => msg === 'observed connection ended');
  const lost = lines.filter(({ msg }) => msg.includes('nobody saw how'));
  const [first] = ended;
  const seen = first === undefined ? HELD : `${first.class}/${first.reason}`;
  const faults: string[] = [];
  if (begun !== 1) faults.push(`${begun} connections began, not 1`);
  if (lost.length > 0) faults.push('it is gone, and nobody saw how');
  if (ended.length !== (end === null ? 0 : 1)) faults.push(`${ended.length} ends, and its process got ${end?.what}`);
  if (end === null || first === undefined) return { seen, faults };
  const verdict = VERDICTS[sightOf(end)];
  if (seen !== verdict) faults.push(`said ${seen}, and its process got ${sightOf(end)}`);
  const errno = end.what.startsWith('E') ? end.what : undefined;
  if (first.errno !== errno) faults.push(`said errno ${first.errno}, and its process got ${errno}`);
  return { seen, faults };
}

/** Where the counters say something else than the log. */
export function observedDisagreements({ lines, metrics }: ObservedRecord): readonly string[] {
  const ended = lines.filter(({ msg }) => msg === 'observed connection ended');
  const counted = countWords(
    ended.map(
      (line) =>
        `finrst_observed_ends_by_reason_total{group="${line.group}",class="${line.class}",reason="${line.reason}"}`,
    ),
  );
  const wrong = [...counted].filter(([name, count]) => metrics.get(name) !== count);
  const lost = ['finrst_observer_lost_events_total', 'finrst_observer_lost_ends_total'];
  return [
    ...wrong.map(([name, count]) => `${name} is ${metrics.get(name)}, and the log has ${count}`),
    ...lost.filter((name) => metrics.get(name) !== 0).map((name) => `${name} is ${metrics.get(name)}`),
  ];
}
