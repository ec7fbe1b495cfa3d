import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../../src/sinks/status/known-incidents.ts';
import type { PeerEntry } from '../../../../src/sinks/status/peer-status.ts';
import { EndBars } from '../../../../src/sinks/status/end-bars.ts';
import { parsePeersQuery, type PeersQuery } from '../../../../src/web/pages/peers-query.ts';
import { isDown, selectPeers, sinceOf } from '../../../../src/web/pages/select-peers.ts';
import { connectedEvent, incidentEvent } from '../../../support/sample-finrst-events.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

const up = (id: number, more: Partial<PeerEntry> = {}): PeerEntry => ({
  ref: { ...connectedEvent.peer, id, peer: `p${id}:1`, group: id % 2 === 0 ? 'even' : 'odd' },
  facts: { labels: { rack: `b${id % 3}` }, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 },
  state: 'established',
  since: NOW - 10 * HOUR,
  announced: null,
  connectionId: 'c',
  remote: { address: `10.0.0.${id}`, port: 1 },
  establishedAt: NOW - 10 * HOUR,
  up: true,
  connections: 1,
  disconnects: { eof: 0, error: 0, idle_timeout: 0 },
  localCloses: 0,
  connectFailures: 0,
  failuresInARow: 0,
  failingSince: 0,
  retryInMs: null,
  receivedBytes: 0,
  sentBytes: 0,
  lastDisconnect: null,
  lastFailure: null,
  ...more,
});
const ended = (at: number, more: object = {}): PeerEntry['lastDisconnect'] => ({
  at,
  connection_id: 'c',
  class: 'error',
  reason: 'reset',
  duration_s: 1,
  idle_s: 1,
  quiet_s: 1,
  ...more,
});
const down = (id: number, at: number): PeerEntry =>
  up(id, { state: 'backoff', up: false, since: at, lastDisconnect: ended(at), failuresInARow: 1 });

const queryOf = (search: string): PeersQuery => {
  const parsed = parsePeersQuery(new URLSearchParams(search));
  if (parsed.kind !== 'query') throw new Error(parsed.kind);
  return parsed.query;
};
const select = async (entries: readonly PeerEntry[], search = '', incidents: readonly IncidentRecord[] = []) => {
  let turns = 0;
  const pace = { isOver: () => ++turns % 10 === 0, next: async () => undefined };
  return selectPeers({
    query: queryOf(search),
    entries,
    incidents,
    now: NOW,
    certificateEndsAt: (id) => (id === 2 ? NOW + 20 * 24 * HOUR : id === 3 ? NOW + 22 * 24 * HOUR : null),
    roundTripMs: (id) => (id === 0 ? null : id * 1.5),
    pace,
  });
};
const shown = ({ sections }: Awaited<ReturnType<typeof select>>): string[] =>
  sections.map(({ kind, total, rows }) => `${kind} ${total}: ${rows.map(({ ref }) => ref.id).join(' ')}`);

describe('trouble first', () => {
  test('has those of an incident, those that are down, those that ended abnormally, and then the others', async () => {
    const record: IncidentRecord = {
      event: { ...incidentEvent, state: 'running', ended: 2 },
      steps: [],
      peers: [1, 2].map((id) => ({
        id,
        group: id === 1 ? 'odd' : 'even',
        peer: `p${id}:1`,
        connectionId: 'c',
        class: 'error',
        reason: 'reset',
        endedAt: NOW,
      })),
      endsByGroup: new Map(),
      bars: new EndBars(),
    };
    const entries = [
      down(1, NOW - 5),
      down(2, NOW - 4),
      down(3, NOW - 9),
      down(4, NOW - 8),
      up(5, { lastDisconnect: ended(NOW - HOUR) }),
      up(6, { lastDisconnect: ended(NOW - 7 * HOUR) }),
      up(7, { lastDisconnect: ended(NOW - HOUR, { class: 'eof', reason: 'fin' }) }),
      up(8, { lastDisconnect: ended(NOW - HOUR, { announced: 'terminating' }) }),
    ];
    const selection = await select(entries, '', [record]);
    expect(shown(selection)).toEqual(['incident 2: 2 1', 'down 2: 4 3', 'abnormal 1: 5', 'quiet 3: 6 7 8']);
    expect(selection.counts).toEqual({ all: 8, held: 8, down: 4, abnormal: 6, timers: 0, never: 0, certificates: 1 });
  });

  test('has those that are closed in order again and again before the quiet ones', async () => {
    const fin = { class: 'eof', reason: 'fin' };
    const often = { eof: 3, error: 0, idle_timeout: 0 };
    const entries = [
      up(0),
      up(1, { disconnects: often, lastDisconnect: ended(NOW - 5 * HOUR, fin) }),
      up(2, { disconnects: often, lastDisconnect: ended(NOW - 25 * HOUR, fin) }),
      up(3, { disconnects: { ...often, eof: 2 }, lastDisconnect: ended(NOW - HOUR, fin) }),
      up(4, { disconnects: often, lastDisconnect: ended(NOW - HOUR, { ...fin, announced: 'terminating' }) }),
      up(5, { disconnects: often, lastDisconnect: ended(NOW - 7 * HOUR) }),
      up(6, { disconnects: often, lastDisconnect: ended(NOW - 2 * HOUR, fin) }),
      up(7, { disconnects: often, lastDisconnect: ended(NOW - 3 * HOUR, fin) }),
      up(8, { disconnects: often, lastDisconnect: ended(NOW - 4 * HOUR, fin) }),
      up(9, { disconnects: often, lastDisconnect: ended(NOW, fin), up: false, state: 'connecting', connectionId: 'd' }),
    ];
    expect(shown(await select(entries))).toEqual(['orderly 4: 6 7 8', 'quiet 6: 0 2 3 4 5 9']);
    expect(shown(await select(entries, 'view=orderly'))).toEqual(['list 4: 1 6 7 8']);
  });

  test('stays short in a storm: the newest 20 of all that are down', async () => {
    const entries = Array.from({ length: 500 }, (_, id) => down(id, NOW - id));
    const [section] = (await select(entries)).sections;
    expect([section?.total, section?.rows.length]).toEqual([500, 20]);
    expect(section?.rows.map(({ ref }) => ref.id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  test('an announced peer, one that we close and one that was never tried are not down', async () => {
    const none = { up: false, connectionId: null, remote: null, connections: 0 };
    const entries = [
      up(1, { ...none, state: 'retired', lastDisconnect: ended(NOW) }),
      up(2, { ...none, state: 'closing' }),
      up(3, { ...none, state: 'connecting' }),
    ];
    expect((await select(entries)).counts).toMatchObject({ down: 0, never: 3 });
  });
});

test('a peer is down since its end, or since the first attempt that failed, however often it was tried', () => {
  const ofItsEnd = { ...down(1, NOW - HOUR), since: NOW, failingSince: NOW - 50 };
  expect([isDown(ofItsEnd), sinceOf(ofItsEnd)]).toEqual([true, NOW - HOUR]);
  const never = up(2, {
    state: 'connecting',
    up: false,
    connectionId: null,
    remote: null,
    failuresInARow: 7,
    failingSince: NOW - 90,
    since: NOW,
  });
  expect([isDown(never), sinceOf(never)]).toEqual([true, NOW - 90]);
});

test('a peer whose connection we closed is not down for an end before that', () => {
  const entry = up(1, { state: 'backoff', up: false, lastDisconnect: ended(NOW - HOUR, { connection_id: 'earlier' }) });
  expect([isDown(entry), sinceOf(entry)]).toEqual([false, NOW - 10 * HOUR]);
});

describe('a filter', () => {
  const entries = [
    down(1, NOW - 1),
    up(2),
    up(3, { lastDisconnect: ended(NOW - 30 * HOUR, { hint: 'age_limit' }) }),
    up(4),
  ];
  test.each([
    ['group=even', '2 4'],
    ['state=down', '1'],
    ['state=connected', '2 3 4'],
    ['class=error', '1 3'],
    ['view=abnormal', '1'],
    ['view=timers', '3'],
    ['view=certificates', '2'],
    ['label.rack=b1', '1 4'],
    ['q=P3', '3'],
    ['q=10.0.0.2', '2'],
    ['q=reset', '1 3'],
    ['q=none', ''],
  ])('%s leaves %s', async (search, ids) => {
    const { sections, total } = await select(entries, search);
    expect(sections[0]?.rows.map(({ ref }) => ref.id).join(' ')).toBe(ids);
    expect(total).toBe(ids === '' ? 0 : ids.split(' ').length);
  });
});

test('peers that an open page shows already come, too, wherever they stand, and once', async () => {
  const entries = [up(0), up(1), up(2), up(3)];
  const { sections, also } = await select(entries, 'view=all&limit=2&also=1,3,7');
  expect(sections[0]?.rows.map(({ ref }) => ref.id)).toEqual([0, 1]);
  expect(also.map(({ ref }) => ref.id)).toEqual([3]);
  expect(parsePeersQuery(new URLSearchParams('also=1,x'))).toMatchObject({ kind: 'invalid' });
});

test('a list is sorted by its key, equal ones as they are configured, and cut', async () => {
  const counts = [0, 5, 5, 70_000, 1];
  const entries = counts.map((error, id) => up(id, { disconnects: { eof: 0, error, idle_timeout: 0 } }));
  const ids = async (search: string): Promise<number[] | undefined> =>
    (await select(entries, search)).sections[0]?.rows.map(({ ref }) => ref.id);
  expect(await ids('sort=error')).toEqual([3, 1, 2, 4, 0]);
  expect(await ids('sort=error&order=asc')).toEqual([0, 4, 1, 2, 3]);
  expect(await ids('sort=rtt')).toEqual([4, 3, 2, 1, 0]);
  expect(await ids('sort=rtt&order=asc')).toEqual([1, 2, 3, 4, 0]);
  expect(await ids('sort=error&offset=1&limit=2')).toEqual([1, 2]);
  expect(await ids('view=all&offset=3')).toEqual([3, 4]);
});

test('a peer that is not held is neither down nor one that never connected', async () => {
  const unheld = up(1, { state: 'not_held', up: false, connectionId: null, remote: null, connections: 0 });
  const { counts, sections } = await select([unheld, up(2)]);
  expect(counts).toMatchObject({ all: 2, held: 1, down: 0, never: 0 });
  expect(isDown(unheld)).toBe(false);
  expect(sections.map(({ kind }) => kind)).toEqual(['quiet']);
  expect((await select([unheld, up(2)], 'state=not+held')).total).toBe(1);
});

test('a list is sorted by name in steps, equal names as they are configured', async () => {
  const name = (id: number): string => `p${String((id * 7919) % 1000).padStart(3, '0')}:1`;
  const entries = Array.from({ length: 1200 }, (_, id) => {
    const entry = up(id);
    return { ...entry, ref: { ...entry.ref, peer: name(id) } };
  });
  const byName = entries.toSorted(({ ref: one }, { ref: other }) =>
    one.peer === other.peer ? 0 : one.peer < other.peer ? -1 : 1,
  );
  const ids = async (search: string): Promise<readonly number[]> =>
    (await select(entries, search)).sections.flatMap(({ rows }) => rows.map(({ ref }) => ref.id));
  expect(await ids('sort=name&order=asc&limit=200')).toEqual(byName.slice(0, 200).map(({ ref }) => ref.id));
  expect(await ids('sort=name&order=asc&limit=100&offset=1150')).toEqual(byName.slice(1150).map(({ ref }) => ref.id));
  const last = entries.filter(({ ref }) => ref.peer === 'p999:1').map(({ ref }) => ref.id);
  expect((await ids('sort=name')).slice(0, last.length)).toEqual(last);
});
