import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { ObservedConnection } from '../../../../src/domain/events/observed-events.ts';
import type { ObservedEnd } from '../../../../src/domain/observed/observed-end.ts';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import { IncidentIds } from '../../../../src/insight/incidents/incident-ids.ts';
import { IncidentWatch } from '../../../../src/insight/incidents/incident-watch.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  disconnectedEvent,
  observedConnectedEvent,
  observedErrorEvent,
} from '../../../support/sample-finrst-events.ts';

const TEN_MINUTES_MS = 600_000;

const RESET = { class: 'error', reason: 'reset' } as const;
const TIMEOUT = { class: 'error', reason: 'keepalive_timeout' } as const;
const FIN = { class: 'eof', reason: 'fin' } as const;

/** An observed group of six peers, each with so many connections of applications, and one that is not observed. */
function watching({ connections = 1 } = {}) {
  const clock = createFakeClock();
  const published: FinrstEvent[] = [];
  const ids = new IncidentIds();
  const options = {
    clock,
    publish: (event: FinrstEvent) => void published.push(event),
    work: { runLater: (job: () => void) => job() },
    ids,
  };
  const [ours, theirs] = [
    new IncidentWatch({ ...options, of: 'held' }),
    new IncidentWatch({ ...options, of: 'observed' }),
  ];
  const publish = publishTo(ours.sink, theirs.sink);
  const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
  const group = { type: 'groupAdded', at: clock.now(), tls: false, expectsAnswer: false, canAnnounce: false } as const;
  publish({ ...group, group: 'db', isObserved: true });
  publish({ ...group, group: 'other' });
  const peers = Array.from({ length: 7 }, (_, id): PeerRef => {
    const name = id === 6 ? 'other' : 'db';
    return { ...connectedEvent.peer, id, group: name, peer: `${name}-${id}:1` };
  });
  for (const peer of peers) publish({ type: 'peerAdded', at: clock.now(), peer, facts });
  const connectionTo = (peer: PeerRef, id: number): ObservedConnection => ({
    ...observedErrorEvent.connection,
    id,
    remote: { address: `192.0.2.${peer.id}`, port: 1 },
  });
  const connect = (peer: PeerRef): void =>
    publish({ ...observedConnectedEvent, at: clock.now(), peer, connection: connectionTo(peer, 1) });
  for (const peer of peers) for (let count = 0; count < connections; count++) connect(peer);
  const end = (ended: ObservedEnd, which: readonly PeerRef[], durationMs = 3_600_000): void => {
    for (const peer of which) {
      const at = clock.now();
      const connection = connectionTo(peer, peer.id);
      publish({ ...observedErrorEvent, ...ended, at, peer, connection, durationMs });
    }
  };
  const incidents = () => published.flatMap((event) => (event.type === 'incident' ? [event] : []));
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 1000) clock.advance(1000);
  };
  return { clock, publish, published, peers, connect, end, incidents, pass, facts, theirs };
}

test('connections of applications that are reset together are an incident of their own, with their ends', () => {
  const { end, peers, incidents, pass, published } = watching();
  end(RESET, peers.slice(0, 4));
  pass(5000);
  const [found] = incidents();
  expect(found).toMatchObject({ isObserved: true, state: 'running', ended: 4, of: 6, reasons: { reset: 4 } });
  expect(found?.scope).toEqual({ kind: 'group', value: 'db' });
  expect(found?.sentence).toMatch(/^connections of applications to 4 of 6 peers of db ended within .*all reset/);
  const explained = published.flatMap((event) => (event.type === 'observedExplained' ? [event] : []));
  expect(explained.map(({ connectionId }) => connectionId)).toEqual([0, 1, 2, 3].map((id) => `observed-${id}`));
  expect(explained.every(({ incident }) => incident === found?.id)).toBe(true);
  expect(published.filter(({ type }) => type === 'explained')).toEqual([]);
});

test('ends of ours and of applications are never one incident, and have ids of their own', () => {
  const { end, peers, incidents, pass, publish, clock } = watching();
  for (const peer of peers) {
    const remote = { address: `192.0.2.${peer.id}`, port: 1 };
    publish({ ...connectedEvent, at: clock.now(), peer, remote });
  }
  pass(TEN_MINUTES_MS);
  end(RESET, peers.slice(0, 2));
  for (const peer of peers.slice(2, 4)) publish({ ...disconnectedEvent, at: clock.now(), peer });
  pass(5000);
  expect(incidents()).toEqual([]);
  end(RESET, peers.slice(2, 4));
  for (const peer of peers.slice(4, 6)) publish({ ...disconnectedEvent, at: clock.now(), peer });
  pass(5000);
  const both = incidents();
  expect(new Set(both.map(({ isObserved }) => isObserved))).toEqual(new Set([false, true]));
  expect(both.map(({ ended }) => ended)).toEqual([4, 4]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(2);
});

test('a peer counts once, however many connections it loses, and is down only where none is left', () => {
  const { end, peers, incidents, pass, connect } = watching({ connections: 3 });
  for (let count = 0; count < 3; count++) end(RESET, peers.slice(0, 3));
  end(RESET, peers.slice(3, 4));
  pass(5000);
  expect(incidents()[0]).toMatchObject({ ended: 4, stillDown: 3 });
  peers.slice(0, 3).forEach(connect);
  pass(5000);
  expect(incidents().at(-1)).toMatchObject({ state: 'over', stillDown: 0 });
  // Others of its connections may live: nobody knows when an application is back.
  expect(incidents().at(-1)?.halfBackMs).toBeUndefined();
});

test('what applications end themselves is none, nor what nobody observes', () => {
  const { end, peers, incidents, pass } = watching();
  end({ class: 'local', reason: 'closed' }, peers);
  end(RESET, [...peers.slice(0, 2), ...peers.slice(6)]);
  pass(10_000);
  expect(incidents()).toEqual([]);
});

test('an orderly end counts only where there was none for ten minutes: a pool has them all day', () => {
  const atStart = watching({ connections: 9 });
  atStart.end(FIN, atStart.peers);
  atStart.pass(5000);
  expect(atStart.incidents()).toEqual([]);
  atStart.pass(TEN_MINUTES_MS - 6000);
  atStart.end(FIN, atStart.peers.slice(0, 6));
  atStart.pass(5000);
  expect(atStart.incidents()).toEqual([]);
  atStart.pass(TEN_MINUTES_MS);
  atStart.end(FIN, atStart.peers.slice(0, 6));
  atStart.pass(5000);
  expect(atStart.incidents()[0]).toMatchObject({ ended: 6, of: 6, reasons: { fin: 6 } });
});

test('an orderly end that does not count still says that a peer has them', () => {
  const { end, peers, incidents, pass } = watching({ connections: 9 });
  for (const minutes of [5, 6, 6]) {
    pass(minutes * 60_000);
    end(FIN, peers);
  }
  pass(5000);
  expect(incidents()).toEqual([]);
});

test('a peer that gets a further connection was connected before', () => {
  const { end, peers, incidents, pass, connect, clock } = watching();
  end(RESET, peers.slice(0, 3));
  clock.advance(400);
  peers.slice(3, 6).forEach(connect);
  pass(5000);
  expect(incidents()[0]).toMatchObject({ ended: 3, of: 6 });
});

test('a connection that is gone without a line is none any more', () => {
  const { end, peers, incidents, pass, publish, clock } = watching();
  for (const peer of peers.slice(4, 6)) {
    const { connection } = observedErrorEvent;
    publish({ type: 'observedLost', at: clock.now(), peer, connection, wasCloseWait: true });
  }
  publish({
    type: 'observedLost',
    at: clock.now(),
    peer: peers[5] ?? connectedEvent.peer,
    connection: observedErrorEvent.connection,
    wasCloseWait: false,
  });
  end(RESET, peers.slice(0, 3));
  pass(5000);
  expect(incidents()[0]).toMatchObject({ ended: 3, of: 5 });
});

test('orderly ends do not hide that connections break', () => {
  const { end, peers, incidents, pass } = watching({ connections: 9 });
  end(FIN, peers);
  pass(5000);
  end(RESET, peers.slice(0, 3));
  pass(5000);
  expect(incidents()[0]).toMatchObject({ ended: 3 });
});

test('timeouts belong together that are found within what a keepalive takes, and begin when the first is found', () => {
  const { end, peers, incidents, pass, clock } = watching();
  pass(TEN_MINUTES_MS);
  const began = clock.now();
  for (const peer of peers.slice(0, 4)) {
    end(TIMEOUT, [peer]);
    pass(25_000);
  }
  const last = incidents().at(-1);
  expect(last).toMatchObject({ began, ended: 4 });
  expect(last?.sentence).toMatch(/ ended within 1 m 15 s, all keepalive_timeout/);
});

test('timeouts far apart, and those of connections that were not there together, are none', () => {
  const apart = watching();
  for (const peer of apart.peers.slice(0, 4)) {
    apart.end(TIMEOUT, [peer]);
    apart.pass(120_000);
  }
  expect(apart.incidents()).toEqual([]);
  const young = watching();
  for (const peer of young.peers.slice(0, 4)) {
    young.end(TIMEOUT, [peer], 1000);
    young.pass(20_000);
  }
  expect(young.incidents()).toEqual([]);
});

test('an observer that works no more knows of no connection, and a peer that a reload replaces keeps its own', () => {
  const { end, peers, incidents, pass, publish, clock, facts } = watching();
  const moved = peers.slice(0, 6).map((peer): PeerRef => ({ ...peer, id: peer.id + 100 }));
  for (const [index, peer] of peers.slice(0, 6).entries()) {
    const replacedBy = moved[index];
    if (replacedBy === undefined) throw new Error('there is one for each');
    publish({ type: 'peerRemoved', at: clock.now(), peer, replacedBy });
    publish({ type: 'peerAdded', at: clock.now(), peer: replacedBy, facts: { ...facts, isHeld: false } });
  }
  end(RESET, moved.slice(0, 3));
  pass(5000);
  expect(incidents()[0]).toMatchObject({ ended: 3, of: 6 });

  const blind = watching();
  blind.publish({ type: 'observerChanged', at: blind.clock.now(), isUp: false });
  blind.connect(blind.peers[0] ?? blind.peers[6] ?? moved[0] ?? connectedEvent.peer);
  for (const peer of blind.peers.slice(1, 4)) blind.connect(peer);
  blind.end(RESET, blind.peers.slice(0, 3));
  blind.pass(5000);
  expect(blind.incidents()[0]).toMatchObject({ ended: 3, of: 4 });
});

test('the process that stops interrupts it', () => {
  const { end, peers, incidents, pass, theirs } = watching();
  end(RESET, peers.slice(0, 4));
  pass(5000);
  theirs.stop();
  expect(incidents().at(-1)).toMatchObject({ state: 'interrupted', isObserved: true });
});
