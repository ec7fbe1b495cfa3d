import { expect, test } from 'vitest';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import { ObservedPeers } from '../../../../src/sinks/status/observed-peers.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  disconnectedEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../../support/sample-finrst-events.ts';

const { at, peer } = connectedEvent;
const HOUR = 3_600_000;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const group = {
  type: 'groupAdded',
  at,
  group: peer.group,
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
} as const;

function watching() {
  const peers = new ObservedPeers();
  const publish = publishTo(peers.sink);
  publish({ ...group, isObserved: true });
  publish({ type: 'peerAdded', at, peer, facts });
  return { peers, publish };
}

test('ends of ours and of applications are counted side by side, by what they were', () => {
  const { peers, publish } = watching();
  publish({ type: 'observerChanged', at, isUp: true });
  for (const event of [connectedEvent, disconnectedEvent, localClosedEvent, observedConnectedEvent]) publish(event);
  publish({ ...disconnectedEvent, class: 'idle_timeout', reason: 'no_reply' });
  publish({ ...disconnectedEvent, class: 'eof', reason: 'fin' });
  for (const event of [observedErrorEvent, observedFinEvent, observedErrorEvent]) publish(event);
  publish({ ...observedErrorEvent, class: 'local', reason: 'closed' });
  expect(peers.of(peer.id, at)).toMatchObject({
    isUp: true,
    since: at,
    theirs: { broke: 2, eof: 1, local: 1 },
    ours: { broke: 2, eof: 1, local: 1 },
    lastBroken: { errno: 'ECONNRESET' },
  });
});

test('nothing is kept of a peer that is not observed, nor of the hour before', () => {
  const { peers, publish } = watching();
  publish(observedErrorEvent);
  const later = at + 2 * HOUR;
  const known = peers.of(peer.id, later);
  expect(known).toMatchObject({ isUp: null, theirs: { broke: 0 }, lastBroken: null });
  expect(later - (known?.since ?? 0)).toBeLessThanOrEqual(HOUR);
  const other: PeerRef = { ...peer, id: 99, group: 'other' };
  publish({ type: 'peerAdded', at, peer: other, facts });
  publish({ ...disconnectedEvent, peer: other });
  expect(peers.of(99, at)).toBeNull();
  publish({ type: 'peerRemoved', at, peer });
  expect(peers.of(peer.id, at)).toBeNull();
});

test('a reload that observes the group no more ends it, and one that replaces the peer goes on', () => {
  const { peers, publish } = watching();
  publish(observedErrorEvent);
  const next: PeerRef = { ...peer, id: 7 };
  publish({ type: 'peerRemoved', at, peer, replacedBy: next });
  publish({ type: 'peerAdded', at, peer: next, facts });
  expect(peers.of(7, at)?.theirs.broke).toBe(1);
  publish(group);
  publish({ type: 'peerChanged', at, peer: next, facts });
  expect(peers.of(7, at)).toBeNull();
});

test('an observer that works no more says so', () => {
  const { peers, publish } = watching();
  publish({ type: 'observerChanged', at, isUp: false, problem: 'p' });
  expect(peers.of(peer.id, at)?.isUp).toBe(false);
});
