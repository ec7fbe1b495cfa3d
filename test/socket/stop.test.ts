import { isIP } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { groupsOf, type HeldFleet, type HeldFleetOptions, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { expectOneEndEach, expectStatesToAddUp, pass, polite, stateOf, stubborn, until } from '../support/scenario.ts';
import { tlsSettings } from '../support/tls-peer.ts';

let clock: FakeClock;
let held: HeldFleet;
let peer: LoopbackPeer;
afterEach(async () => {
  for (const socket of peer.sockets) socket.destroy();
  await peer.close();
});

async function hold(settings: Partial<PeerSettings> = {}, options: HeldFleetOptions = {}): Promise<PeerSettings> {
  clock = createFakeClock();
  const only = peerSettings(peer.port, { reconnect: { initialMs: 60_000, maxMs: 60_000 }, ...settings });
  held = await holdPeers([only], { clock, random: () => 0.5, ...options });
  return only;
}

/** Answers for addresses at once, and for names never. */
const onlyLiterals: NonNullable<HeldFleetOptions['lookup']> = (host, _family, callback) => {
  if (isIP(host) !== 0) callback({ kind: 'found', addresses: [host] });
};

const state = (): string | undefined => stateOf(held);

/** How to bring a peer into each state. */
const STATES: Record<string, () => Promise<void>> = {
  'waiting for the connect rate': async () => {
    peer = await startPeer(polite);
    await hold();
    expect(state()).toBe('backoff');
  },
  resolving: async () => {
    peer = await startPeer(polite);
    await hold({ host: 'db.example' }, { lookup: onlyLiterals });
    await until(clock, () => state() === 'resolving');
  },
  connecting: async () => {
    peer = await startPeer(polite);
    await hold();
    while (state() !== 'connecting') clock.advance(1); // no turn of the event loop: the handshake cannot have come back
  },
  'handshaking (TLS)': async () => {
    peer = await startPeer(polite);
    await hold({ tls: tlsSettings() });
    await until(clock, () => state() === 'handshaking' && peer.sockets.length === 1);
  },
  established: async () => {
    peer = await startPeer(polite);
    await hold();
    await until(clock, () => state() === 'established');
  },
  'closing, after a local close': async () => {
    peer = await startPeer(stubborn);
    await hold({ maxConnectionAgeMs: 1000 });
    await until(clock, () => state() === 'established');
    await until(clock, () => state() === 'closing', 20);
  },
  'backoff, while the socket of a disconnect drains': async () => {
    peer = await startPeer(stubborn);
    await hold({ idleTimeoutMs: 1000 });
    await until(clock, () => held.all('disconnected').length === 1, 20);
  },
  'backoff, while the socket of a failed handshake drains': async () => {
    peer = await startPeer(stubborn);
    await hold({ tls: tlsSettings(), connectTimeoutMs: 1000 });
    await until(clock, () => held.all('connectFailed').length === 1, 20);
  },
  'established, while the socket of a disconnect drains': async () => {
    peer = await startPeer(stubborn);
    await hold({ idleTimeoutMs: 1000, reconnect: { initialMs: 100, maxMs: 100 } });
    await until(clock, () => held.all('connected').length === 2, 20);
  },
  'backoff, after a disconnect': async () => {
    peer = await startPeer((socket) => socket.end());
    await hold();
    await until(clock, () => held.all('disconnected').length === 1 && state() === 'backoff');
  },
};

describe.each(Object.entries(STATES))('a stop while %s', (_, bringThere) => {
  test('ends, leaves no timer, and every connection has one end', async () => {
    await bringThere();
    await stopWithin(2000);
    expect(state()).toBe('stopped');
    expectOneEndEach(held);
    const before = held.events.length;
    clock.advance(3_600_000);
    await settled();
    expect(held.events.slice(before), 'nothing happens after a stop').toEqual([]);
  });

  test('a peer that is removed and comes back is held once more, and the states of both add up', async () => {
    await bringThere();
    const settings = peerSettings(peer.port, { reconnect: { initialMs: 60_000, maxMs: 60_000 } });
    await held.fleet.apply([]);
    await held.fleet.apply(groupsOf([settings]));
    await until(clock, () => held.all('connected').some(({ peer: { id } }) => id === 1), 20);
    await stopWithin(2000);
    expectOneEndEach(held);
    expectStatesToAddUp(held.events);
  });

  test('stopped again at once, and once more later, it answers each time', async () => {
    await bringThere();
    const first = held.fleet.stop(2000);
    const second = held.fleet.stop(2000);
    let ended = 0;
    void first.then(() => ended++);
    void second.then(() => ended++);
    await until(clock, () => ended === 2, 20);
    await expect(held.fleet.stop(0)).resolves.toBeUndefined();
    expect(state()).toBe('stopped');
    expectOneEndEach(held);
  });

  test('a reload after the stop changes nothing and delays nothing', async () => {
    await bringThere();
    let ended = false;
    void held.fleet.stop(2000).then(() => (ended = true));
    const diff = await held.fleet.apply(groupsOf([peerSettings(peer.port, { group: 'late' })]));
    expect(diff).toEqual({ added: 0, changed: 0, removed: 0, unchanged: 0 });
    await held.fleet.apply([]);
    await until(clock, () => ended, 20);
    expect(held.all('connected').filter(({ peer: { group } }) => group === 'late')).toEqual([]);
    expect(held.all('localClosed').map(({ reason }) => reason)).not.toContain('removed');
    expect(clock.pending).toBe(0);
  });
});

test.each(Object.keys(STATES).filter((name) => name.includes('closing') || name.includes('drains')))(
  'a stop in less than two seconds cuts a drain that began before it: %s',
  async (name) => {
    await STATES[name]?.();
    await stopWithin(300);
    expect(state()).toBe('stopped');
  },
);

test('a stop waits for removed peers that still drain', async () => {
  peer = await startPeer(stubborn);
  await hold();
  await until(clock, () => state() === 'established');
  await held.fleet.apply([]);
  const [socket] = peer.sockets;
  let ended = false;
  void held.fleet.stop(2000).then(() => (ended = true));
  await settled();
  expect(ended).toBe(false);
  socket?.end();
  await until(clock, () => ended);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'removed' }]);
  expect(clock.pending).toBe(0);
});

test('a removed peer drains as long as the fleet lets it, no longer', async () => {
  peer = await startPeer(stubborn);
  const settings = await hold({}, { drainMs: 300 });
  await until(clock, () => state() === 'established');
  await held.fleet.apply([]);
  await held.fleet.apply(groupsOf([settings]));
  await pass(clock, 280);
  expect(peer.sockets).toHaveLength(1);
  await pass(clock, 60);
  expect(held.all('connected')).toHaveLength(2);
  await stopWithin(300);
});

test('removed, back, removed and back again while the first one drains: nobody connects beside it', async () => {
  peer = await startPeer(stubborn);
  const settings = await hold();
  await until(clock, () => state() === 'established');
  for (let i = 0; i < 2; i++) {
    await held.fleet.apply([]);
    await held.fleet.apply(groupsOf([settings]));
  }
  for (let turns = 0; turns < 20; turns++) {
    clock.advance(20);
    await settled();
  }
  expect(peer.sockets).toHaveLength(1);
  peer.sockets[0]?.end();
  await until(clock, () => held.all('connected').length === 2, 20);
  expectStatesToAddUp(held.events);
  const stopped = held.stop();
  for (const socket of peer.sockets) socket.end();
  await stopped;
  expectOneEndEach(held);
});

test('what a peer still sends after our FIN is drained, and it sees no reset', async () => {
  const saw: string[] = [];
  peer = await startPeer((socket) => {
    socket.resume();
    socket.on('error', (error) => saw.push(error.message));
    socket.on('end', () => {
      saw.push('FIN');
      socket.write(Buffer.alloc(4 * 1024 * 1024), () => socket.end());
    });
    socket.on('close', () => saw.push('closed'));
  });
  await hold();
  await until(clock, () => state() === 'established');
  await stopWithin(2000);
  await until(clock, () => saw.includes('closed'));
  expect(saw).toEqual(['FIN', 'closed']);
});

/** The fleet stops before this much time has passed, and all its timers are gone. */
async function stopWithin(ms: number): Promise<void> {
  const startedAt = clock.monotonic();
  let ended = false;
  void held.fleet.stop(ms).then(() => (ended = true));
  await settled();
  await until(clock, () => ended, 20);
  expect(clock.monotonic() - startedAt, 'time until the stop').toBeLessThanOrEqual(ms + 20);
  expect(clock.pending, 'timers left after the stop').toBe(0);
}
