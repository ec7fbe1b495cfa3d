import type { SeenEvent } from './event-feed.ts';
import type { Expectation } from './scenario.ts';

/** What one repeat showed: one word for the table, and what is wrong with it, if anything. */
export type Judged = {
  readonly seen: string;
  readonly faults: readonly string[];
  /** Wall-clock ms of the end, where one was expected and came. */
  readonly endedAt?: number;
  readonly idleSeconds?: number;
};

export type Case = {
  readonly expect: Expectation;
  /** Wall-clock ms of the injection; null: it is there from the start. */
  readonly injectedAt: number | null;
  /** Everything the daemon said about this peer, in order. */
  readonly events: readonly SeenEvent[];
};

/** `error/reset`, `local/shutdown`. */
export function verdictOf(event: SeenEvent): string {
  return event.type === 'local_closed' ? `local/${event.reason}` : `${event.class}/${event.reason}`;
}

/**
 * Holds what the daemon said about one peer against what was done to it. Nothing is forgiven: a second end of a
 * connection, an end before the injection, an end too early or too late and an end of a later connection are faults.
 */
export function judge(one: Case): Judged {
  const { expect, events } = one;
  const doubles = doubleEnds(events);
  switch (expect.kind) {
    case 'disconnect':
      return judgeEnd(one, expect, doubles);
    case 'none':
    case 'connects':
      return judgeHeld(events, doubles);
    case 'connectFailure':
      return judgeFailure(events, expect, doubles);
  }
}

function endsOf(events: readonly SeenEvent[]): readonly SeenEvent[] {
  return events.filter(({ type }) => type === 'disconnected' || type === 'local_closed');
}

function doubleEnds(events: readonly SeenEvent[]): readonly string[] {
  const ids = endsOf(events).map((event) => event.connection_id);
  const faults = ids.length === new Set(ids).size ? [] : ['a connection ended twice'];
  const connected = new Set(events.filter(({ type }) => type === 'connected').map((event) => event.connection_id));
  return ids.every((id) => connected.has(id)) ? faults : [...faults, 'an end of a connection that never was'];
}

function judgeEnd(one: Case, expect: Expectation & { kind: 'disconnect' }, doubles: readonly string[]): Judged {
  const ends = endsOf(one.events);
  const [first, ...later] = ends;
  if (first === undefined) return { seen: 'no event', faults: ['no end'] };
  const faults = [...doubles];
  const wrong = ends.filter((event) => verdictOf(event) !== expect.verdict);
  if (wrong.length > 0) faults.push(`said ${wrong.map(verdictOf).join(', ')}`);
  if (later.length > 0 && expect.recurs !== true) faults.push(`${later.length} ends too many`);
  if (one.injectedAt !== null) {
    const after = first.at - one.injectedAt;
    const [from, to] = expect.withinMs;
    if (after < from || after > to) faults.push(`${Math.round(after)} ms after the injection, not ${from} to ${to}`);
  }
  faults.push(...ends.flatMap(evidenceFaults));
  faults.push(
    ...outside('idle_s', first.idle_s, expect.idleSeconds),
    ...outside('quiet_s', first.quiet_s, expect.quietSeconds),
    ...outside('unacked_bytes', first.unacked_bytes, expect.unackedBytes),
  );
  const idle = first.idle_s;
  return { seen: verdictOf(first), faults, endedAt: first.at, ...(idle === undefined ? {} : { idleSeconds: idle }) };
}

function outside(
  name: string,
  value: number | undefined,
  bounds: readonly [number, number] | undefined,
): readonly string[] {
  if (bounds === undefined || (value !== undefined && value >= bounds[0] && value <= bounds[1])) return [];
  return [`${name} ${value}, not ${bounds.join(' to ')}`];
}

/** What tells a lost write from a lost probe stands in the event, and must fit the word. */
function evidenceFaults({ reason, unacked_bytes: unacked }: SeenEvent): readonly string[] {
  if (reason === 'retransmit_timeout' && unacked === 0) return ['retransmit_timeout with unacked_bytes=0'];
  if (reason === 'keepalive_timeout' && unacked !== 0) return [`keepalive_timeout with unacked_bytes=${unacked}`];
  return [];
}

function judgeHeld(events: readonly SeenEvent[], doubles: readonly string[]): Judged {
  const ends = endsOf(events);
  const connections = events.filter(({ type }) => type === 'connected').length;
  const faults = [...doubles, ...ends.map((event) => `ended with ${verdictOf(event)}`)];
  if (connections !== 1) faults.push(`${connections} connections, not 1`);
  return {
    seen: ends[0] === undefined ? (connections === 0 ? 'no connection' : 'no event') : verdictOf(ends[0]),
    faults,
  };
}

function judgeFailure(
  events: readonly SeenEvent[],
  expect: Expectation & { kind: 'connectFailure' },
  doubles: readonly string[],
): Judged {
  const failures = events.filter(({ type }) => type === 'connect_failed');
  const [first] = failures;
  if (first === undefined)
    return { seen: events.length === 0 ? 'no event' : events[0]!.type, faults: ['no connect failure'] };
  const wanted = `${expect.phase}/${expect.reason}`;
  const faults = [...doubles];
  const wrong = failures.filter((event) => `${event.phase}/${event.reason}` !== wanted);
  if (wrong.length > 0) faults.push(`said ${wrong.map(({ phase, reason }) => `${phase}/${reason}`).join(', ')}`);
  if (failures.length !== events.length)
    faults.push(`also ${events.find(({ type }) => type !== 'connect_failed')!.type}`);
  return { seen: `${first.phase}/${first.reason}`, faults };
}
