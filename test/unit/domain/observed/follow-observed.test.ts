import { expect, test } from 'vitest';
import type { PeerEvent } from '../../../../src/domain/events/peer-events.ts';
import { followObserved } from '../../../../src/domain/observed/follow-observed.ts';
import { connectedEvent } from '../../../support/sample-finrst-events.ts';

const { at, peer } = connectedEvent;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const other = { ...peer, id: peer.id + 1 };
const group = {
  type: 'groupAdded',
  at,
  group: peer.group,
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
} as const;
const added: PeerEvent = { type: 'peerAdded', at, peer, facts };
const changed: PeerEvent = { type: 'peerChanged', at, peer, facts };

/** What each of these events, one after the other, did. */
function follow(...events: readonly PeerEvent[]) {
  const groups = new Set<string>();
  return events.map((event) => followObserved(event, groups));
}

test('peers of observed groups are known, also after a change', () => {
  const observed: PeerEvent = { ...group, isObserved: true };
  expect(follow(observed, added, changed)).toEqual([
    null,
    { kind: 'known', event: added },
    { kind: 'known', event: changed },
  ]);
});

test('those of other groups are gone, and so are those of a group that is observed no more', () => {
  const gone = { kind: 'gone', peer };
  expect(follow(group, added)).toEqual([null, gone]);
  const observed: PeerEvent = { ...group, isObserved: true };
  expect(follow(observed, added, group, changed).at(-1)).toEqual(gone);
  expect(follow(observed, added, { type: 'groupRemoved', at, group: peer.group }, changed).at(-1)).toEqual(gone);
});

test('one that is removed is gone, one that another takes the place of is replaced', () => {
  expect(follow({ type: 'peerRemoved', at, peer })).toEqual([{ kind: 'gone', peer }]);
  expect(follow({ type: 'peerRemoved', at, peer, replacedBy: other })).toEqual([{ kind: 'replaced', peer, by: other }]);
});

test('what happens to our own connection says nothing', () => {
  expect(follow({ type: 'stateEntered', at, peer, from: null, state: 'backoff' })).toEqual([null]);
  expect(follow({ type: 'peerHandedOver', at, peer })).toEqual([null]);
  expect(follow({ type: 'announcementChanged', at, peer, announced: null, isNew: false })).toEqual([null]);
});
