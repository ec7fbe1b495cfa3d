import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { peerSettings } from '../support/peer-settings.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { groupsOf, type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import type { PlannedPeer } from '../../src/settings/peer-group.ts';

const LAST_WORDS_MS = 120_000;
const LINGER_MS = 10_000;

let clock: FakeClock;
let peer: LoopbackPeer;
let held: HeldFleet;

beforeEach(async () => {
  peer = await startPeer();
  clock = createFakeClock();
  held = await holdPeers([], { clock });
});

afterEach(async () => {
  await held.stopNow();
  await peer.close();
});

const planned = (): PlannedPeer => ({ settings: peerSettings(peer.port), announced: null, lingerMs: LINGER_MS });

function apply({ isHeld }: { readonly isHeld: boolean }) {
  const groups = groupsOf([peerSettings(peer.port)]);
  return held.fleet.apply(groups.map((group) => ({ ...group, peers: [planned()], ...(!isHeld && { isHeld }) })));
}

test('a peer that is not held is known, and nothing happens to it', async () => {
  expect(await apply({ isHeld: false })).toMatchObject({ added: 1 });
  clock.advance(60_000);
  await settled();
  expect(held.events.map(({ type }) => type)).toEqual(['groupAdded', 'peerAdded']);
  expect(held.all('peerAdded')[0]?.facts.isHeld).toBe(false);
  expect([held.fleet.size, peer.sockets.length]).toEqual([0, 0]);
  expect(await apply({ isHeld: false })).toMatchObject({ unchanged: 1 });
});

test('a reload that holds it makes another peer of it, which is connected, and back, with FIN', async () => {
  await apply({ isHeld: false });
  const [before] = held.all('peerAdded');
  expect(await apply({ isHeld: true })).toEqual({ added: 0, changed: 1, removed: 0, unchanged: 0 });
  const [, after] = held.all('peerAdded');
  expect(after?.peer.id).not.toBe(before?.peer.id);
  expect(after?.facts).not.toHaveProperty('isHeld');
  expect(held.all('peerRemoved')).toMatchObject([{ peer: before?.peer, replacedBy: after?.peer }]);
  const connected = held.seen('connected');
  clock.advance(1);
  expect((await connected).peer).toEqual(after?.peer);
  expect(held.fleet.size).toBe(1);
  const socket = await peer.accepted();
  const closed = held.seen('localClosed');
  const fin = new Promise((resolve) => void socket.once('end', resolve));
  expect(await apply({ isHeld: false })).toMatchObject({ changed: 1 });
  expect(await closed).toMatchObject({ peer: after?.peer, reason: 'removed' });
  await fin;
  expect(held.all('peerRemoved')[1]).toMatchObject({ peer: after?.peer, replacedBy: held.all('peerAdded')[2]?.peer });
  expect(held.fleet.size).toBe(0);
});

test('one that comes back to be held waits until its predecessor has drained', async () => {
  await apply({ isHeld: true });
  const connected = held.seen('connected');
  clock.advance(1);
  await connected;
  await apply({ isHeld: false });
  await apply({ isHeld: true });
  clock.advance(1);
  await settled();
  expect(held.all('connected')).toHaveLength(1);
  const again = held.seen('connected', 2);
  (await peer.accepted()).end();
  while (held.all('connected').length < 2) {
    clock.advance(1);
    await settled();
  }
  expect((await again).peer.id).toBe(held.all('peerAdded')[2]?.peer.id);
});

test('one whose target vanished stays as long as ours would linger and have its last words, and comes back as it was', async () => {
  await apply({ isHeld: false });
  const { settings } = planned();
  const vanish = () =>
    held.fleet.update([{ group: 'test', peers: [], gone: [{ peer: settings.peer, cause: 'vanished' }] }]);
  await vanish();
  clock.advance(LINGER_MS + LAST_WORDS_MS - 1);
  await held.fleet.update([{ group: 'test', peers: [planned()], gone: [] }]);
  clock.advance(LINGER_MS + LAST_WORDS_MS);
  expect(held.all('peerRemoved')).toEqual([]);
  await vanish();
  clock.advance(LINGER_MS + LAST_WORDS_MS - 1);
  expect(held.all('peerRemoved')).toEqual([]);
  clock.advance(1);
  expect(held.all('peerRemoved')).toHaveLength(1);
  expect(held.all('peerRemoved')[0]).not.toHaveProperty('replacedBy');
  expect(held.all('peerAdded')).toHaveLength(1);
});

test('one that had vanished goes at once when its group is held from now on', async () => {
  await apply({ isHeld: false });
  const { settings } = planned();
  await held.fleet.update([{ group: 'test', peers: [], gone: [{ peer: settings.peer, cause: 'vanished' }] }]);
  const [group] = groupsOf([settings]);
  if (group === undefined) throw new Error('a group of one peer');
  await held.fleet.apply([{ ...group, peers: [], isHeld: false }]);
  expect(held.all('peerRemoved')).toEqual([]);
  await held.fleet.apply([{ ...group, peers: [] }]);
  expect(held.all('peerRemoved')).toHaveLength(1);
});

describe('of an observed group, lost to another shard', () => {
  const elsewhere = (): PlannedPeer => ({ ...planned(), announced: null, lingerMs: 0, isHeldElsewhere: true });
  const name = (): string => planned().settings.peer;

  async function applyObserved(peers: readonly PlannedPeer[], isObserved: boolean): Promise<void> {
    const groups = groupsOf([peerSettings(peer.port)]);
    await held.fleet.apply(groups.map((group) => ({ ...group, peers, ...(isObserved && { isObserved }) })));
  }

  async function lose(): Promise<void> {
    await applyObserved([planned()], true);
    const connected = held.seen('connected');
    clock.advance(1);
    await connected;
    const closed = held.seen('localClosed');
    await held.fleet.update([{ group: 'test', peers: [elsewhere()], gone: [{ peer: name(), cause: 'resharded' }] }]);
    (await peer.accepted()).end();
    while (held.all('peerHandedOver').length === 0) {
      clock.advance(1);
      await settled();
    }
    expect(await closed).toMatchObject({ reason: 'resharded' });
    expect(held.all('peerRemoved')).toEqual([]);
  }

  test('it has its last words, and goes on as one that is only observed; it comes back to be held', async () => {
    await lose();
    clock.advance(LAST_WORDS_MS);
    const [first, second] = held.all('peerAdded');
    expect(held.all('peerRemoved')).toMatchObject([{ peer: first?.peer, replacedBy: second?.peer }]);
    expect(second?.facts.isHeld).toBe(false);
    expect(held.fleet.size).toBe(0);
    clock.advance(LAST_WORDS_MS);
    expect(held.all('peerRemoved')).toHaveLength(1);
    const again = held.seen('connected', 2);
    await held.fleet.update([{ group: 'test', peers: [planned()], gone: [] }]);
    clock.advance(1);
    expect((await again).peer).toEqual(held.all('peerAdded')[2]?.peer);
    expect(held.all('peerRemoved')[1]).toMatchObject({ peer: second?.peer, replacedBy: { peer: name() } });
    expect(held.fleet.size).toBe(1);
  });

  test('it comes back in its last words: it is held again as the peer that it was', async () => {
    await lose();
    const again = held.seen('connected', 2);
    await held.fleet.update([{ group: 'test', peers: [planned()], gone: [] }]);
    clock.advance(1);
    await again;
    clock.advance(LAST_WORDS_MS);
    expect(held.all('peerRemoved')).toEqual([]);
    expect(held.all('peerAdded')).toHaveLength(1);
  });

  test.each([
    {
      when: 'its target vanishes in its last words',
      change: () => held.fleet.update([{ group: 'test', peers: [], gone: [{ peer: name(), cause: 'vanished' }] }]),
    },
    { when: 'its group is observed no more', change: () => applyObserved([], false) },
  ])('it is gone where $when', async ({ change }) => {
    await lose();
    await change();
    clock.advance(LAST_WORDS_MS);
    expect(held.all('peerAdded')).toHaveLength(1);
    expect(held.all('peerRemoved')).toHaveLength(1);
    expect(held.all('peerRemoved')[0]).not.toHaveProperty('replacedBy');
  });

  test('a reload in its last words changes nothing of that', async () => {
    await lose();
    await applyObserved([elsewhere()], true);
    expect(held.all('peerRemoved')).toEqual([]);
    clock.advance(LAST_WORDS_MS);
    expect(held.all('peerAdded').map(({ facts }) => facts.isHeld)).toEqual([undefined, false]);
  });

  test('what another shard holds from the beginning is only observed, in a group that is held', async () => {
    await applyObserved([elsewhere()], true);
    clock.advance(60_000);
    await settled();
    expect(held.events.map(({ type }) => type)).toEqual(['groupAdded', 'peerAdded']);
    expect(held.all('peerAdded')[0]?.facts.isHeld).toBe(false);
    expect(held.fleet.size).toBe(0);
  });
});
