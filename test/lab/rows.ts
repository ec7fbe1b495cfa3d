import { groupOf, repeats, targetAt, type Placed } from './pass-config.ts';
import { judge, type Judged } from './judge.ts';
import type { PlainEvent } from './plain-clients.ts';
import type { PassRecord } from './run-pass.ts';
import type { Afterwards, Scenario } from './scenario.ts';
import { addressesOf } from './pass-config.ts';
import { slotOf } from './addresses.ts';

/** One line of the conformance table. */
export type Row = {
  readonly scenario: Scenario;
  readonly judged: readonly Judged[];
  /** Repeats without a fault. */
  readonly right: number;
  /** What was seen, with how often. */
  readonly seen: ReadonlyMap<string, number>;
  /** Milliseconds from the injection to the time the event carries. */
  readonly after: readonly number[];
  /** The same end: the event's time less the time at which the kernel told the twin. */
  readonly delays: readonly number[];
  readonly plain: { readonly current: PlainTally; readonly old: PlainTally } | null;
};

/** What a plain client's events said, with how often; and how often socket.setTimeout(3000) spoke before anything else did. */
export type PlainTally = { readonly events: ReadonlyMap<string, number>; readonly timeouts: number; readonly total: number };

export function rowsOf(record: PassRecord): readonly Row[] {
  return record.placed.map((placed) => rowOf(record, placed));
}

function rowOf(record: PassRecord, placed: Placed): Row {
  const { scenario } = placed;
  const injections = record.injections.get(scenario)!;
  const peers = record.daemon.feed.of(groupOf(scenario));
  const judged = repeats(scenario).map((k) => {
    const events = peers.get(targetAt(placed, k)) ?? [];
    const one = judge({ expect: scenario.expect, injectedAt: injections[k] ?? null, events });
    const more = scenario.check?.(k, afterwards(record, placed, k)) ?? null;
    return more === null ? one : { ...one, faults: [...one.faults, more] };
  });
  const after = judged.flatMap(({ endedAt }, k) => (endedAt === undefined || injections[k] == null ? [] : [endedAt - injections[k]!]));
  const twins = record.twins.get(scenario) ?? [];
  const delays = judged.flatMap(({ endedAt }, k) => {
    const twin = twins.find((end) => end.k === k);
    return endedAt === undefined || twin === undefined ? [] : [endedAt - twin.at];
  });
  const tally = (events: readonly PlainEvent[]): PlainTally => plainTally(events, scenario);
  const plain =
    record.plain === null || scenario.plain === false
      ? null
      : { current: tally(record.plain.current.events), old: tally(record.plain.old.events) };
  return { scenario, judged, right: judged.filter(({ faults }) => faults.length === 0).length, seen: count(judged.map(({ seen }) => seen)), after, delays, plain };
}

function afterwards({ metrics, held }: PassRecord, placed: Placed, k: number): Afterwards {
  const labels = `group="${groupOf(placed.scenario)}",peer="${targetAt(placed, k)}"`;
  return {
    metric: (family) => metrics.get(`${family}{${labels}}`),
    held: (client, other) => held.find(({ scenario, slot }) => scenario === placed.place.index && slot === slotOf(client, other)),
  };
}

function plainTally(events: readonly PlainEvent[], scenario: Scenario): PlainTally {
  const perRepeat = repeats(scenario).map((k) => events.filter((event) => event.scenario === scenario.id && event.k === k));
  const said = perRepeat.map((list) => list.filter(({ event }) => event !== 'timeout').map(wordOf).join(', '));
  const timeouts = perRepeat.filter((list) => list[0]?.event === 'timeout').length;
  return { events: count(said.map((text) => (text === '' ? 'nothing' : text))), timeouts, total: scenario.repeat };
}

function wordOf({ event, code, hadError }: PlainEvent): string {
  if (event === 'error') return `error ${code}`;
  return event === 'close' ? `close(${hadError})` : event;
}

function count(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
