import { expect, test } from 'vitest';
import type { ObservedConnection } from '../../../../src/domain/events/observed-events.ts';
import { ObservedConnections } from '../../../../src/sinks/status/observed-connections.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { connectedEvent, observedConnectedEvent, observedFinEvent } from '../../../support/sample-finrst-events.ts';

const { at, peer } = connectedEvent;
const connectionOf = (id: number): ObservedConnection => ({ ...observedConnectedEvent.connection, id });
const connected = (id: number) => ({ ...observedConnectedEvent, at: at + id, connection: connectionOf(id) });
const closed = (id: number) => ({ ...observedFinEvent, at: at + 100 + id, connection: connectionOf(id) });

function known() {
  const connections = new ObservedConnections();
  const publish = publishTo(connections.sink);
  const list = (query = {}) => [...connections.list(query, at + 10_000)];
  const ids = () => connections.of(peer.id, 50).first.map(({ connection }) => connection.id);
  return { connections, publish, list, ids };
}

test('those that the peer has closed come first, each in the order of its time, and no more than are asked for', () => {
  const { connections, publish } = known();
  for (const id of [1, 2, 3, 4, 5]) publish(connected(id));
  for (const id of [4, 2]) publish(closed(id));
  const held = connections.of(peer.id, 3);
  expect(held).toMatchObject({ established: 3, closeWait: 2 });
  expect(held.first.map(({ connection }) => connection.id)).toEqual([4, 2, 1]);
  expect(held.first[0]).toMatchObject({ establishedAt: at + 4, closedAt: at + 104, isOlder: false });
  expect(connections.of(99, 3)).toEqual({ established: 0, closeWait: 0, first: [] });
});

test('what was found closed is longer than what is known', () => {
  const { publish, list } = known();
  publish({ ...connected(1), isFound: true, isCloseWait: true });
  publish({ ...connected(2), isFound: true });
  expect(list()).toMatchObject([
    { state: 'close_wait', at_least: true, close_wait_s: 9.999 },
    { state: 'established' },
  ]);
  expect(list()[1]).not.toHaveProperty('age_s');
});

test('one that ended, was released or is lost is gone', () => {
  const { publish, ids, list } = known();
  for (const id of [1, 2, 3, 4]) publish(connected(id));
  publish(closed(1));
  publish({ ...closed(2), isCloseWait: false });
  const about = { at, peer };
  publish({ type: 'observedReleased', ...about, connection: connectionOf(1) });
  publish({ type: 'observedLost', ...about, connection: connectionOf(3), wasCloseWait: false });
  expect(ids()).toEqual([4]);
  // An end of one that nobody knew.
  publish(closed(9));
  expect(ids()).toEqual([4]);
  publish({ type: 'observerChanged', at, isUp: false });
  expect(list()).toEqual([]);
});

test('the list takes those of the group, the peer and the state that are asked for', () => {
  const { publish, list } = known();
  const other = { ...peer, id: 2, peer: 'other:1', group: 'b' };
  publish(connected(1));
  publish({ ...connected(2), peer: other });
  publish({ ...closed(2), peer: other });
  const locals = (query: object) => list(query).map((status) => status.peer);
  expect(locals({})).toEqual([peer.peer, 'other:1']);
  expect(locals({ group: 'b' })).toEqual(['other:1']);
  expect(locals({ peer: peer.peer })).toEqual([peer.peer]);
  expect(locals({ state: 'close_wait' })).toEqual(['other:1']);
  expect(locals({ state: 'established' })).toEqual([peer.peer]);
  publish({ type: 'peerRemoved', at, peer: other, replacedBy: { ...other, id: 3 } });
  publish({ type: 'observedReleased', at, peer: { ...other, id: 3 }, connection: connectionOf(2) });
  expect(locals({ group: 'b' })).toEqual([]);
  publish({ type: 'peerRemoved', at, peer });
  expect(list()).toEqual([]);
});
