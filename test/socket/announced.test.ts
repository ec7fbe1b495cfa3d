import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Announcement } from '../../src/settings/announcement.ts';
import type { GoneCause, PeerGroup, PlannedPeer } from '../../src/settings/peer-group.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { groupsOf, type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { expectOneEndEach, expectStatesToAddUp, pass, polite, stateOf, until } from '../support/scenario.ts';

const LINGER_MS = 30_000;
const LAST_WORDS_MS = 120_000;

let clock: FakeClock;
let held: HeldFleet;
let peer: Awaited<ReturnType<typeof startPeer>>;
let settings: PeerSettings;

afterEach(async () => {
  await held.stopNow();
  await peer.close();
  expect(clock.pending, 'timers left after the stop').toBe(0);
  expectOneEndEach(held);
  expectStatesToAddUp(held.events);
});

const groupWith = (peers: readonly PlannedPeer[]): PeerGroup[] => [
  { ...(groupsOf([settings])[0] as PeerGroup), canAnnounce: true, peers },
];
const planned = (announced: Announcement | null = null, lingerMs = LINGER_MS): PlannedPeer => ({
  settings,
  announced,
  lingerMs,
});

async function hold(behave: (socket: Socket) => void = polite): Promise<void> {
  clock = createFakeClock();
  peer = await startPeer(behave);
  settings = peerSettings(peer.port, { peer: 'p' });
  held = await holdPeers([settings], { clock, random: () => 0.5 });
  await until(clock, () => held.all('connected').length === 1);
  await update(planned());
}

async function update(...peers: readonly PlannedPeer[]): Promise<void> {
  await held.fleet.update([{ group: settings.group, peers, gone: [] }]);
}

async function lose(cause: GoneCause = 'vanished'): Promise<void> {
  await held.fleet.update([{ group: settings.group, peers: [], gone: [{ peer: 'p', cause }] }]);
}

const ended = (): Promise<void> => until(clock, () => held.all('disconnected').length === 1);
const noFurtherAttempt = async (): Promise<void> => {
  await pass(clock, 5000);
  expect(held.all('stateEntered').filter(({ state }) => state === 'resolving')).toHaveLength(1);
};

test('an announced end is held until it comes, says so, and no attempt follows until it is withdrawn', async () => {
  await hold();
  await update(planned('terminating'));
  await pass(clock, 1000);
  expect(stateOf(held)).toBe('established');
  peer.sockets[0]?.resetAndDestroy();
  await ended();
  expect(held.all('disconnected')).toMatchObject([{ class: 'error', reason: 'reset', announced: 'terminating' }]);
  expect(held.all('disconnected')[0]).not.toHaveProperty('retryInMs');
  expect(stateOf(held)).toBe('retired');
  await noFurtherAttempt();
  await update(planned());
  await until(clock, () => held.all('connected').length === 2, 20);
  expect(held.all('connected')[1]).not.toHaveProperty('downMs');
  expect(held.all('explained')).toEqual([]);
});

test('news three seconds after a reset explain it once, and stop the attempts', async () => {
  await hold();
  settings = { ...settings, reconnect: { initialMs: 60_000, maxMs: 60_000 } };
  await update(planned());
  peer.sockets[0]?.resetAndDestroy();
  await ended();
  expect(held.all('disconnected')[0]).not.toHaveProperty('announced');
  await pass(clock, 3000);
  await update(planned('terminating'));
  await update(planned('requested'));
  const [end] = held.all('disconnected');
  expect(held.all('explained')).toMatchObject([
    { connectionId: end?.connectionId, by: 'announced', announced: 'terminating', class: 'error', reason: 'reset' },
  ]);
  expect(stateOf(held)).toBe('retired');
  await pass(clock, 60_000);
  expect(held.all('connected')).toHaveLength(1);
});

test('a target that vanished lingers, is closed by us after that, and is forgotten after its last words', async () => {
  await hold();
  await lose();
  await pass(clock, LINGER_MS - 20);
  expect(stateOf(held)).toBe('established');
  await pass(clock, 40);
  await until(clock, () => stateOf(held) === 'retired');
  expect(held.all('localClosed')).toMatchObject([{ reason: 'removed' }]);
  await pass(clock, LAST_WORDS_MS - 200);
  expect(held.all('peerRemoved')).toEqual([]);
  await pass(clock, 400);
  expect(held.all('peerRemoved')).toHaveLength(1);
  expect(held.fleet.size).toBe(0);
  await noFurtherAttempt();
});

test('an end while it lingers was announced as removed', async () => {
  await hold();
  await lose();
  peer.sockets[0]?.end();
  await ended();
  expect(held.all('disconnected')).toMatchObject([{ class: 'eof', reason: 'fin', announced: 'removed' }]);
  await noFurtherAttempt();
});

test('back while it lingers, nothing has happened', async () => {
  await hold();
  await lose();
  await pass(clock, 1000);
  await update(planned());
  await pass(clock, LINGER_MS + LAST_WORDS_MS);
  expect(stateOf(held)).toBe('established');
  expect(held.all('peerRemoved')).toEqual([]);
  expect(held.all('peerAdded')).toHaveLength(1);
});

test('back during its last words, it is the same peer', async () => {
  await hold();
  await lose();
  peer.sockets[0]?.end();
  await ended();
  await pass(clock, 1000);
  await update(planned());
  await until(clock, () => held.all('connected').length === 2, 20);
  expect(held.all('connected').map((event) => event.peer.id)).toEqual([0, 0]);
});

test('without linger it is closed at once, and its series stay for their last words', async () => {
  await hold();
  await update(planned(null, 0));
  await lose();
  await until(clock, () => stateOf(held) === 'retired');
  expect(held.all('localClosed')).toMatchObject([{ reason: 'removed' }]);
  expect(held.all('announcementChanged')).toMatchObject([{ announced: 'removed', isNew: false }]);
  expect(held.all('peerRemoved')).toEqual([]);
});

test('a reload during linger leaves it alone, and takes it where its group is gone', async () => {
  await hold();
  await lose();
  await held.fleet.apply(groupWith([]));
  expect(stateOf(held)).toBe('established');
  expect(held.all('peerRemoved')).toEqual([]);
  await held.fleet.apply([]);
  expect(held.all('peerRemoved')).toHaveLength(1);
  await until(clock, () => held.all('localClosed').length === 1);
});

test('a peer that another shard holds is closed as resharded', async () => {
  await hold();
  await lose('resharded');
  await until(clock, () => stateOf(held) === 'retired');
  expect(held.all('localClosed')).toMatchObject([{ reason: 'resharded' }]);
  expect(held.all('peerHandedOver')).toHaveLength(1);
});

test('peers that other shards hold are closed one after the other, as fast as connects are made', async () => {
  await hold();
  await update(planned(), { ...planned(), settings: { ...settings, peer: 'q' } });
  await until(clock, () => held.all('connected').length === 2, 20);
  held.fleet.setLimits({ maxConnectsPerSecond: 2, maxConnections: 100 });
  const gone = ['p', 'q'].map((lost) => ({ peer: lost, cause: 'resharded' }) as const);
  await held.fleet.update([{ group: settings.group, peers: [], gone }]);
  await until(clock, () => held.all('localClosed').length === 1);
  await pass(clock, 400);
  expect(held.all('localClosed')).toHaveLength(1);
  await until(clock, () => held.all('localClosed').length === 2, 20);
});

test('news of a peer that another shard holds explain an end of just before', async () => {
  await hold();
  peer.sockets[0]?.resetAndDestroy();
  await ended();
  await lose('resharded');
  const announcedElsewhere = [{ peer: 'p', announced: 'terminating' } as const];
  await held.fleet.update([{ group: settings.group, peers: [], gone: [], announcedElsewhere }]);
  expect(held.all('explained')).toMatchObject([{ announced: 'terminating', class: 'error', reason: 'reset' }]);
  expect(stateOf(held)).toBe('retired');
});

test('another address is used at once after the end of the connection to the one before', async () => {
  await hold();
  const next = await startPeer(polite);
  try {
    settings = { ...settings, port: next.port, reconnect: { initialMs: 600_000, maxMs: 600_000 } };
    await update(planned());
    await pass(clock, 1000);
    expect(held.all('connected')).toHaveLength(1);
    peer.sockets[0]?.end();
    await until(clock, () => held.all('connected').length === 2, 20);
    expect(held.all('connected')[1]?.remote.port).toBe(next.port);
    expect(held.all('connected')[1]?.peer.port).toBe(next.port);
    expect(held.all('connected')[1]?.downMs).toBeLessThan(1000);
  } finally {
    await held.stopNow();
    await next.close();
  }
});

test('announced before it was ever connected, it is not tried', async () => {
  await hold();
  const other = { ...settings, peer: 'q' };
  await update({ settings: other, announced: 'requested', lingerMs: 0 });
  await pass(clock, 2000);
  await settled();
  expect(peer.sockets).toHaveLength(1);
  expect(
    held
      .all('stateEntered')
      .filter(({ peer: { peer: name } }) => name === 'q')
      .at(-1)?.state,
  ).toBe('retired');
});
