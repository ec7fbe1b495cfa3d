import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { PeerAdded } from '../../../../src/domain/events/peer-events.ts';
import { ALL_PEERS, type PeerQuery } from '../../../../src/sinks/status/peer-query.ts';
import { createPeerStatuses } from '../../../../src/sinks/status/peer-status.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';

const { at, peer } = connectedEvent;
const facts = { labels: { team: 'a' }, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const added: PeerAdded = { type: 'peerAdded', at, peer, facts };
const after = (events: readonly FinrstEvent[], query: Partial<PeerQuery> = {}) => {
  const statuses = createPeerStatuses();
  events.forEach(publishTo(statuses.sink));
  return [...statuses.list({ ...ALL_PEERS, ...query })];
};

test('a peer that never connected has zeros and nothing else', () => {
  expect(after([added])).toEqual([
    {
      group: 'payments-redis',
      peer: 'redis-0.payments:6379',
      state: 'backoff',
      up: false,
      since: '2026-01-02T03:04:05.678Z',
      tls: false,
      labels: { team: 'a' },
      connections: 0,
      disconnects: { eof: 0, error: 0, idle_timeout: 0 },
      local_closes: 0,
      connect_failures: 0,
      failures_in_a_row: 0,
      received_bytes: 0,
      sent_bytes: 0,
    },
  ]);
});

test('a peer that is not held says so, and is found by it', () => {
  const unheld = { ...added, facts: { ...facts, isHeld: false } } as const;
  expect(after([unheld])).toMatchObject([{ state: 'not_held', up: false, connections: 0 }]);
  expect(after([unheld], { state: 'not_held' })).toHaveLength(1);
  expect(after([unheld], { state: 'backoff' })).toEqual([]);
});

test('a state is told with the time it began', () => {
  const [status] = after([added, { type: 'stateEntered', at: at + 1, peer, from: 'backoff', state: 'resolving' }]);
  expect(status).toMatchObject({ state: 'resolving', since: '2026-01-02T03:04:05.679Z' });
});

test('a peer that is down keeps its last address, and has no connection', () => {
  const [status] = after([added, connectedEvent, localClosedEvent]);
  expect(status).toMatchObject({ up: false, address: '192.0.2.7:6379', local_closes: 1 });
  expect(status).not.toHaveProperty('connection_id');
  expect(status).not.toHaveProperty('established_at');
});

test('failures in a row start over when a connection is established', () => {
  const failed = { ...connectFailedEvent, failuresInARow: 7 };
  expect(after([added, failed])).toMatchObject([{ failures_in_a_row: 7, connect_failures: 1 }]);
  expect(after([added, failed, connectedEvent])).toMatchObject([{ failures_in_a_row: 0, connect_failures: 1 }]);
});

test('a reload follows the labels and keeps the counts', () => {
  const changed: FinrstEvent = { type: 'peerChanged', at, peer, facts: { ...facts, labels: { team: 'b' } } };
  expect(after([added, connectedEvent, disconnectedEvent, changed])).toMatchObject([
    { labels: { team: 'b' }, connections: 1, disconnects: { error: 1 } },
  ]);
});

test('a removed peer is gone, and late words bring it not back', () => {
  expect(after([added, { type: 'peerRemoved', at, peer }, connectedEvent, disconnectedEvent])).toEqual([]);
});

describe('of many peers', () => {
  const peers = ['a:1', 'b:1', 'c:1', 'd:1'].map((name, id) => ({ ...peer, id, peer: name }));
  const [a, b, c, d] = peers as [typeof peer, typeof peer, typeof peer, typeof peer];
  const events: readonly FinrstEvent[] = [
    ...[a, b, c].map((each) => ({ ...added, peer: each })),
    { ...added, peer: { ...d, group: 'other' }, facts: { ...facts, labels: { team: 'b' } } },
    { ...connectedEvent, peer: b },
    { type: 'stateEntered', at, peer: b, from: 'backoff', state: 'established' },
    { ...disconnectedEvent, peer: c },
  ];
  test.each<{ readonly query: Partial<PeerQuery>; readonly found: readonly string[] }>([
    { query: {}, found: ['a:1', 'b:1', 'c:1', 'd:1'] },
    { query: { group: 'other' }, found: ['d:1'] },
    { query: { group: peer.group, peer: 'b:1' }, found: ['b:1'] },
    { query: { peer: 'x:1' }, found: [] },
    { query: { state: 'established' }, found: ['b:1'] },
    { query: { class: 'error' }, found: ['c:1'] },
    { query: { class: 'eof' }, found: [] },
    { query: { labels: [['team', 'b']] }, found: ['d:1'] },
    {
      query: {
        labels: [
          ['team', 'a'],
          ['tier', ''],
        ],
      },
      found: [],
    },
    { query: { labels: [['constructor', 'x']] }, found: [] },
    { query: { limit: 2 }, found: ['a:1', 'b:1'] },
    { query: { offset: 1, limit: 2 }, found: ['b:1', 'c:1'] },
    { query: { labels: [['team', 'a']], offset: 2 }, found: ['c:1'] },
    { query: { offset: 4 }, found: [] },
  ])('$query finds $found', ({ query, found }) => {
    expect(after(events, query).map((status) => status.peer)).toEqual(found);
  });
});
