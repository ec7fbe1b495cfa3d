import { countWords } from './figures.ts';
import { addressesOf, groupOf, repeats, targetAt, type Placed } from './pass-config.ts';
import type { SeenEvent } from './event-feed.ts';
import { judge, type Judged } from './judge.ts';
import type { Injections } from './perform-steps.ts';
import type { PlainEvent } from './plain-clients.ts';
import type { PassRecord } from './run-pass.ts';
import { sightOf } from './witness.ts';
import type { Afterwards, Scenario } from './scenario.ts';
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
  /** The event's time less the time at which the kernel ended that socket; where TLS ended it, less the twin's time. */
  readonly delays: readonly number[];
  /** The event's time less the time at which a poll() client saw the same fault end its twin of the connection. */
  readonly twinDelays: readonly number[];
  /** What the twins saw: proof of what was injected. */
  readonly twinSaw: ReadonlyMap<string, number>;
  readonly plain: { readonly current: PlainTally; readonly old: PlainTally } | null;
};

/** What a plain client's events said, with how often; and how often socket.setTimeout(3000) spoke before anything else did. */
export type PlainTally = {
  readonly events: ReadonlyMap<string, number>;
  readonly timeouts: number;
  /** Repeats whose first event came before the timer could speak. */
  readonly soon: number;
  readonly total: number;
};
const SOCKET_TIMEOUT_MS = 3000;

export function rowsOf(record: PassRecord): readonly Row[] {
  return record.placed.map((placed) => rowOf(record, placed));
}

/** A row of which only the verdicts are known. */
export function rowFrom(scenario: Scenario, judged: readonly Judged[]): Row {
  const right = judged.filter(({ faults }) => faults.length === 0).length;
  const seen = countWords(judged.map((one) => one.seen));
  return { scenario, judged, right, seen, after: [], delays: [], twinDelays: [], twinSaw: new Map(), plain: null };
}

function rowOf(record: PassRecord, placed: Placed): Row {
  const { scenario } = placed;
  const injections = record.injections.get(scenario)!;
  const peers = record.daemon.feed.of(groupOf(scenario));
  const eventsOf = (k: number): readonly SeenEvent[] =>
    (peers.get(targetAt(placed, k)) ?? []).map((event) => ({ ...record.evidence.get(event.connection_id), ...event }));
  const judged = repeats(scenario).map((k) => {
    const events = eventsOf(k);
    const one = judge({ expect: scenario.expect, injectedAt: injections[k] ?? null, events });
    const more = scenario.check?.(k, afterwards(record, placed, k, events)) ?? null;
    return more === null ? one : { ...one, faults: [...one.faults, more] };
  });
  const after = judged.flatMap(({ endedAt }, k) => sinceInjection(endedAt, injections[k]));
  const twins = record.twins.get(scenario) ?? [];
  const behind = (witness: (k: number) => number | undefined): readonly number[] =>
    judged.flatMap(({ endedAt }, k) => {
      const at = witness(k);
      return endedAt === undefined || at === undefined ? [] : [endedAt - at];
    });
  const twinDelays = behind((k) => twins.find((end) => end.k === k)?.at);
  const at = addressesOf(placed);
  const isTls = scenario.server?.tls !== undefined;
  const delays = isTls
    ? twinDelays
    : endsItself(scenario)
      ? []
      : behind((k) => record.kernelEnds.get(at('daemon', k))?.[0]);
  const tally = (events: readonly PlainEvent[]): PlainTally => plainTally(events, scenario, injections);
  const plain =
    record.plain === null || scenario.plain === false
      ? null
      : { current: tally(record.plain.current.events), old: tally(record.plain.old.events) };
  return {
    ...rowFrom(scenario, judged),
    after,
    delays,
    twinDelays,
    twinSaw: countWords(twins.map(sightOf)),
    plain,
  };
}

function sinceInjection(endedAt: number | undefined, injectedAt: number | null | undefined): readonly number[] {
  return endedAt === undefined || injectedAt === null || injectedAt === undefined ? [] : [endedAt - injectedAt];
}

/** Ends by our own decision: the kernel has no part in them. */
function endsItself({ expect }: Scenario): boolean {
  return (
    expect.kind === 'disconnect' && (expect.verdict.startsWith('idle_timeout/') || expect.verdict === 'error/protocol')
  );
}

function afterwards(
  { metrics, held, daemon, sockets }: PassRecord,
  placed: Placed,
  k: number,
  events: readonly SeenEvent[],
): Afterwards {
  const [group, peer] = [groupOf(placed.scenario), targetAt(placed, k)];
  const labels = `group="${group}",peer="${peer}"`;
  return {
    events,
    get log() {
      return daemon
        .log()
        .split('\n')
        .filter((line) => line.includes(` peer=${peer} group=${group} `));
    },
    sockets: sockets.get(addressesOf(placed)('daemon', k)) ?? [],
    metric: (family) => metrics.get(`${family}{${labels}}`),
    held: (client, other) =>
      held.find(({ scenario, slot }) => scenario === placed.place.index && slot === slotOf(client, other)),
  };
}

function plainTally(events: readonly PlainEvent[], scenario: Scenario, injections: Injections): PlainTally {
  const perRepeat = repeats(scenario).map((k) =>
    events.filter((event) => event.scenario === scenario.id && event.k === k),
  );
  const said = perRepeat.map((list) =>
    list
      .filter(({ event }) => event !== 'timeout')
      .map(wordOf)
      .join(', '),
  );
  const soon = perRepeat.filter(
    ([first], k) => first !== undefined && first.at - (injections[k] ?? first.at) < SOCKET_TIMEOUT_MS,
  );
  const timeouts = perRepeat.filter((list) => list[0]?.event === 'timeout').length;
  return {
    events: countWords(said.map((text) => (text === '' ? 'nothing' : text))),
    timeouts,
    soon: soon.length,
    total: scenario.repeat,
  };
}

function wordOf({ event, code, hadError }: PlainEvent): string {
  if (event === 'error') return `error ${code}`;
  return event === 'close' ? `close(${hadError})` : event;
}
