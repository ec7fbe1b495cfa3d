import { isIP } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { answeredHeartbeat, answersOnce } from '../support/first-answers.ts';
import { groupsOf, type HeldFleet, type HeldFleetOptions, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { endsOf, pass, polite, stateOf, stubborn, until } from '../support/scenario.ts';
import { tlsSettings } from '../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

let clock: FakeClock;
let held: HeldFleet;
let peer: LoopbackPeer;
let settings: PeerSettings;
afterEach(async () => {
  const stopped = held.fleet.stop(0);
  for (const socket of peer.sockets) socket.destroy();
  clock.advance(0);
  await stopped;
  await peer.close();
  expect(clock.pending, 'timers left after the stop').toBe(0);
});

async function hold(overrides: Partial<PeerSettings> = {}, options: HeldFleetOptions = {}): Promise<void> {
  clock = createFakeClock();
  settings = peerSettings(peer.port, { reconnect: { initialMs: 60_000, maxMs: 60_000 }, ...overrides });
  held = await holdPeers([settings], { clock, random: () => 0.5, ...options });
}

/** The same peer with other settings. */
async function change(overrides: Partial<PeerSettings>): Promise<void> {
  settings = { ...settings, ...overrides };
  expect(await held.fleet.apply(groupsOf([settings]))).toMatchObject({ changed: 1 });
}

const state = (): string | undefined => stateOf(held);
const established = (n = 1): Promise<void> => until(clock, () => held.all('connected').length === n);

/** How to bring a peer into each state. */
const STATES = {
  'waiting for the connect rate': async () => {
    peer = await startPeer(polite);
    await hold();
  },
  resolving: async () => {
    peer = await startPeer(polite);
    let asked = 0;
    await hold(
      { host: 'localhost' },
      {
        lookup: (host, _family, callback) => {
          if (isIP(host) !== 0 || asked++ > 0) callback({ kind: 'found', addresses: ['127.0.0.1'] });
        },
      },
    );
    await until(clock, () => state() === 'resolving');
  },
  connecting: async () => {
    peer = await startPeer(polite);
    await hold();
    while (state() !== 'connecting') clock.advance(1);
  },
  handshaking: async () => {
    peer = await startPeer(polite);
    await hold({ tls: tlsSettings() });
    await until(clock, () => state() === 'handshaking' && peer.sockets.length === 1);
  },
  established: async () => {
    peer = await startPeer(polite);
    await hold();
    await established();
  },
  closing: async () => {
    peer = await startPeer(stubborn);
    await hold();
    await established();
    await change({ userTimeoutMs: 5000 });
    await until(clock, () => state() === 'closing');
  },
  backoff: async () => {
    let accepted = 0;
    peer = await startPeer((socket) => (accepted++ === 0 ? socket.end() : polite(socket)));
    await hold();
    await until(clock, () => held.all('disconnected').length === 1 && state() === 'backoff');
  },
} satisfies Record<string, () => Promise<void>>;

/** What becomes of what is under way in each state: an attempt goes on with the settings it began with. */
const UNDER_WAY: Record<keyof typeof STATES, readonly string[]> = {
  'waiting for the connect rate': [],
  resolving: ['dns/timeout'], // its look-up never ends
  connecting: ['local/reconfigured'],
  handshaking: ['tls/timeout'], // its peer speaks no TLS
  established: ['local/reconfigured'],
  closing: [],
  backoff: [],
};

const outcomes = (): string[] => [
  ...held.all('connectFailed').map(({ phase, reason }) => `${phase}/${reason}`),
  ...held.all('localClosed').map(({ reason }) => `local/${reason}`),
];

describe.each(Object.entries(STATES))('new settings while %s', (name, bringThere) => {
  test('that need a new socket are in force at the next connection, and every connection has one end', async () => {
    await bringThere();
    const before = outcomes();
    await change({ tls: null, keepalive: null, idleTimeoutMs: 0 });
    const expected = [...before, ...UNDER_WAY[name as keyof typeof STATES]];
    await until(clock, () => outcomes().length === expected.length && state() === 'established', 20);
    expect(outcomes()).toEqual(expected);
    const ends = endsOf(held);
    expect(ends).toHaveLength(held.all('connected').length - 1);
    expect(new Set(ends).size).toBe(ends.length);
    expect(new Set(held.events.flatMap((event) => ('peer' in event ? [event.peer.id] : [])))).toEqual(new Set([0]));
  });

  test('that apply in place are in force at once or at the next connection', async () => {
    await bringThere();
    await change({ tls: null, idleTimeoutMs: 5000 });
    await change({ labels: { team: 'x' } });
    await until(clock, () => state() === 'established', 20);
    await until(clock, () => held.all('disconnected').some(({ idleMs }) => idleMs >= 5000), 20);
    expect(held.all('disconnected').at(-1)).toMatchObject({ class: 'idle_timeout', reason: 'no_data' });
  });
});

test('a shorter reconnect wait counts for a peer that waits already', async () => {
  await STATES.backoff();
  await change({ reconnect: { initialMs: 100, maxMs: 1000 } });
  await pass(clock, 1020);
  expect(held.all('connected')).toHaveLength(2);
});

test('a longer reconnect wait does not put off a peer that waits already', async () => {
  let accepted = 0;
  peer = await startPeer((socket) => (accepted++ === 0 ? socket.end() : polite(socket)));
  await hold({ reconnect: { initialMs: 1000, maxMs: 1000 } });
  await until(clock, () => held.all('disconnected').length === 1 && state() === 'backoff');
  await change({ reconnect: { initialMs: 60_000, maxMs: 60_000 } });
  await pass(clock, 540);
  expect(held.all('connected')).toHaveLength(2);
});

test('the next attempt begins as long after a disconnect as the event said, whatever the old socket does', async () => {
  peer = await startPeer(stubborn); // never answers our FIN: the drain takes 2 s
  await hold({ idleTimeoutMs: 1000, reconnect: { initialMs: 1000, maxMs: 1000 } });
  await established();
  await until(clock, () => held.all('disconnected').length === 1, 20);
  expect(held.all('disconnected')).toMatchObject([{ reason: 'no_data', retryInMs: 500 }]);
  await pass(clock, 460);
  expect(held.all('connected')).toHaveLength(1);
  await pass(clock, 80);
  expect(held.all('connected')).toHaveLength(2);
  expect(peer.sockets[0]?.readableEnded, 'our FIN came').toBe(true);
  expect(peer.sockets[0]?.destroyed, 'and the socket drains still').toBe(false);
});

describe('a reload that changes something else', () => {
  const heartbeat = answeredHeartbeat();
  const heard: string[] = [];
  async function beating(): Promise<void> {
    heard.length = 0;
    peer = await startPeer((socket) => {
      answersOnce(socket);
      socket.on('data', (bytes) => heard.push(String(bytes)));
    });
    await hold({ heartbeat });
    await established();
    expect(heard).toEqual(['PING\r\n']);
  }

  test('sends no heartbeat of its own, and puts no deadline off', async () => {
    await beating();
    await pass(clock, 3000);
    await change({ labels: { team: 'x' } });
    await pass(clock, 1000);
    await change({ labels: { team: 'y' }, idleTimeoutMs: 600_000 });
    expect(heard).toEqual(['PING\r\n']);
    await pass(clock, 6000);
    await until(clock, () => heard.length === 2);
    await change({ labels: { team: 'z' } });
    await pass(clock, 5020);
    expect(held.all('disconnected')).toMatchObject([{ class: 'idle_timeout', reason: 'no_reply' }]);
  });

  test.each([
    { wait: 'idle wait', overrides: { idleTimeoutMs: 30_000 }, type: 'disconnected', reason: 'no_data' },
    { wait: 'age', overrides: { maxConnectionAgeMs: 30_000 }, type: 'localClosed', reason: 'max_age' },
  ] as const)('leaves a running $wait alone', async ({ overrides, type, reason }) => {
    peer = await startPeer(polite);
    await hold(overrides);
    await established();
    await pass(clock, 20_000);
    await change({ labels: { team: 'x' } });
    await pass(clock, 9_900);
    expect(held.all(type)).toEqual([]);
    await pass(clock, 140);
    expect(held.all(type)).toMatchObject([{ reason }]);
  });

  test('leaves a running write wait alone', async () => {
    peer = await startPeer((socket) => socket.pause());
    const flood = sendExpectHeartbeat({ send: Buffer.alloc(64 * 1024), intervalMs: 10, answer: null });
    await hold({ heartbeat: flood, writeTimeoutMs: 30_000 });
    await established();
    await pass(clock, 20_000);
    await change({ labels: { team: 'x' } });
    await pass(clock, 10_000);
    await change({ labels: { team: 'y' } });
    await pass(clock, 5000);
    expect(held.all('disconnected')).toMatchObject([{ class: 'idle_timeout', reason: 'write_stalled' }]);
  });

  test('a changed heartbeat is in force at once', async () => {
    await beating();
    await change({ heartbeat: answeredHeartbeat({ send: Buffer.from('HELLO\r\n') }) });
    await until(clock, () => heard.length === 2);
    expect(heard[1]).toBe('HELLO\r\n');
    peer.sockets[0]?.write('+PONG\r\n');
    await until(clock, () => held.all('heartbeatAnswered').length === 2);
    await change({ heartbeat: null });
    await pass(clock, 60_000);
    expect(held.all('disconnected')).toEqual([]);
  });
});
