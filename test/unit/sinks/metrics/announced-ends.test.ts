import { array, assert, asyncProperty, boolean, constantFrom, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { DISCONNECT_CLASSES } from '../../../../src/domain/disconnect.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { linesOf, metricsAfter } from '../../../support/metrics-reader.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';

const { peer, at } = connectedEvent;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: true, host: 'h', port: 1 };
const group = {
  type: 'groupAdded',
  at,
  group: peer.group,
  tls: false,
  expectsAnswer: false,
  canAnnounce: true,
} as const;
const added: FinrstEvent = { type: 'peerAdded', at, peer, facts };
const known: readonly FinrstEvent[] = [group, added];
const stands = (announced: 'terminating' | 'removed' | null, downMs?: number): FinrstEvent => ({
  type: 'announcementChanged',
  at,
  peer,
  announced,
  isNew: announced !== null,
  ...(downMs === undefined ? {} : { downMs }),
});
const valuesOf = async (events: readonly FinrstEvent[], name: string): Promise<readonly number[]> =>
  (await linesOf(metricsAfter(events), name)).map((line) => Number(line.split(' ').at(-1)));

const announcedEnd: FinrstEvent = { ...disconnectedEvent, announced: 'terminating' };

test('series are at 0 from the start where ends can be announced, and absent elsewhere', async () => {
  const none: readonly FinrstEvent[] = [
    { ...group, canAnnounce: false },
    { type: 'peerAdded', at, peer, facts: { ...facts, canAnnounce: false } },
    disconnectedEvent,
  ];
  for (const [name, count] of [
    ['finrst_announced_disconnects_total', 3],
    ['finrst_peer_announced', 1],
    ['finrst_announcements_total', 3],
  ] as const) {
    expect(await valuesOf(known, name)).toEqual(Array.from({ length: count }, () => 0));
    expect(await valuesOf(none, name)).toEqual([]);
  }
});

test('a peer that vanished stands as announced, also where ends cannot be', async () => {
  const events: readonly FinrstEvent[] = [
    { ...group, canAnnounce: false },
    { ...added, facts: { ...facts, canAnnounce: false } },
  ];
  expect(
    await valuesOf([...events, { ...stands('removed'), isNew: false } as FinrstEvent], 'finrst_peer_announced'),
  ).toEqual([1]);
  expect(await valuesOf([...events, stands('removed'), stands(null)], 'finrst_peer_announced')).toEqual([0]);
});

test('an end counts once as announced, be it known at the end or explained later, and never both', async () => {
  const name = 'finrst_announced_disconnects_total';
  expect(await valuesOf([...known, disconnectedEvent], name)).toEqual([0, 0, 0]);
  expect(await valuesOf([...known, announcedEnd], name)).toEqual([0, 1, 0]);
  expect(await valuesOf([...known, disconnectedEvent, explainedEvent], name)).toEqual([0, 1, 0]);
  expect(await valuesOf([...known, disconnectedEvent, explainedEvent, explainedEvent], name)).toEqual([0, 1, 0]);
});

test('announcements count by word, but for a withdrawal and for a target that is not waited for', async () => {
  const events = [stands('terminating'), stands(null), stands('terminating'), { ...stands('removed'), isNew: false }];
  expect(await linesOf(metricsAfter([...known, ...(events as FinrstEvent[])]), 'finrst_announcements_total')).toEqual([
    `finrst_announcements_total{group="${peer.group}",announcement="terminating"} 2`,
    `finrst_announcements_total{group="${peer.group}",announcement="removed"} 0`,
    `finrst_announcements_total{group="${peer.group}",announcement="requested"} 0`,
  ]);
});

test('time without a connection does not count while an announcement stands', async () => {
  const clock = createFakeClock();
  const metrics = metricsAfter(known, { clock });
  const publish = publishTo(metrics.sink);
  const down = async () =>
    (await linesOf(metrics, 'finrst_peer_down_seconds_total')).map((line) => line.split(' ').at(-1));
  publish(disconnectedEvent);
  clock.advance(3000);
  publish(stands('terminating', 3000));
  clock.advance(60_000);
  expect(await down()).toEqual(['3']);
  publish(announcedEnd);
  clock.advance(60_000);
  expect(await down()).toEqual(['3']);
  publish(stands(null));
  publish({ ...connectFailedEvent, downMs: 0 });
  clock.advance(2000);
  expect(await down()).toEqual(['5']);
});

test('of a peer that another process holds the state is absent and the counts stay', async () => {
  const events: readonly FinrstEvent[] = [
    ...known,
    connectedEvent,
    { type: 'peerHandedOver', at, peer },
    { ...localClosedEvent, reason: 'resharded' },
  ];
  for (const name of ['finrst_peer_up', 'finrst_peer_announced', 'finrst_connection_established_timestamp_seconds'])
    expect(await valuesOf(events, name), name).toEqual([]);
  expect(await valuesOf(events, 'finrst_connections_total')).toEqual([1]);
  expect(await valuesOf([...events, connectedEvent], 'finrst_peer_up')).toEqual([1]);
});

test('a peer that another process holds is not among the peers of this one, until it is back', async () => {
  const entered = (state: 'retired' | 'backoff'): FinrstEvent => ({
    type: 'stateEntered',
    at,
    peer,
    from: null,
    state,
  });
  const events: readonly FinrstEvent[] = [...known, entered('retired'), { type: 'peerHandedOver', at, peer }];
  const total = async (all: readonly FinrstEvent[]) =>
    (await valuesOf(all, 'finrst_peers')).reduce((sum, value) => sum + value, 0);
  expect(await total([...known, entered('retired')])).toBe(1);
  expect(await total(events)).toBe(0);
  expect(await total([...events, entered('backoff')])).toBe(1);
});

test('never more ends are announced than there were, whatever happens', async () => {
  const classOf = constantFrom(...DISCONNECT_CLASSES);
  const events = array(
    oneof(
      record({ class: classOf, isAnnounced: boolean() }).map(({ class: endClass, isAnnounced }) => ({
        ...disconnectedEvent,
        class: endClass,
        reason: { eof: 'fin', error: 'reset', idle_timeout: 'no_data' }[endClass],
        ...(isAnnounced ? { announced: 'terminating' } : {}),
      })),
      classOf.map((endClass) => ({ ...explainedEvent, class: endClass })),
      constantFrom('a', 'b').map((team) => ({
        type: 'peerChanged',
        at,
        peer: { ...peer, labels: { team } },
        facts,
      })),
      constantFrom(stands('terminating'), stands(null), added, { type: 'peerRemoved', at, peer }),
    ).map((event) => event as FinrstEvent),
    { maxLength: 30 },
  );
  await assert(
    asyncProperty(events, async (list) => {
      const all = await valuesOf([...known, ...list], 'finrst_disconnects_total');
      const announced = await valuesOf([...known, ...list], 'finrst_announced_disconnects_total');
      expect(announced).toHaveLength(all.length);
      announced.forEach((count, i) => expect(count).toBeLessThanOrEqual(all[i] ?? 0));
    }),
  );
});
