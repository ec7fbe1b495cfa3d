import { assert, asyncProperty, constantFrom, nat, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../../src/clock/clock.ts';
import { Fleet } from '../../../../src/connections/fleet/fleet.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { portableKernel } from '../../../../src/os/sockets/portable-kernel.ts';
import { peerKey, type PeerSettings } from '../../../../src/settings/peer-settings.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { groupsOf } from '../../../support/held-fleet.ts';
import { readFile } from '../../../support/read-file.ts';
import { peerSettings } from '../../../support/peer-settings.ts';

/** A fleet in which nothing connects, since no timer fires. Its clock moves with each event. */
function fleetAtRest({ msPerEvent = 0, clock: overrides = {} }: { msPerEvent?: number; clock?: Partial<Clock> } = {}) {
  const fake = createFakeClock();
  const events: FinrstEvent[] = [];
  let elapsed = 0;
  const fleet = new Fleet({
    clock: { ...fake, monotonic: () => elapsed, ...overrides },
    random: () => 0.5,
    kernel: portableKernel,
    openFileLimit: null,
    readFile,
    limits: { maxConnectsPerSecond: 100, maxConnections: 0 },
    emit(event) {
      events.push(event);
      elapsed += msPerEvent;
    },
  });
  return { fleet, events, fake };
}

const keysOf = (events: readonly FinrstEvent[], type: FinrstEvent['type']): string[] =>
  events.flatMap((event) => (event.type === type && 'peer' in event ? [peerKey(event.peer)] : [])).toSorted();

const somePeers = (count: number, overrides: Partial<PeerSettings> = {}): PeerSettings[] =>
  Array.from({ length: count }, (_, i) => peerSettings(i + 1, overrides));

test('what is applied is what is held, whatever was held before, and the figures say what was done', async () => {
  const peers = uniqueArray(
    record({ port: nat(9), group: constantFrom('a', 'b'), idleTimeoutMs: nat(1), userTimeoutMs: nat(1) }),
    { selector: ({ port, group }) => `${group}${port}` },
  ).map((list) => list.map(({ port, ...overrides }) => peerSettings(port, overrides)));
  await assert(
    asyncProperty(peers, peers, async (before, after) => {
      const { fleet, events } = fleetAtRest();
      await fleet.apply(groupsOf(before));
      events.length = 0;
      const diff = await fleet.apply(groupsOf(after));
      const keys = (list: readonly PeerSettings[]): string[] => list.map(peerKey).toSorted();
      const same = after.filter((one) => before.some((old) => JSON.stringify(old) === JSON.stringify(one)));
      const kept = after.filter((one) => keys(before).includes(peerKey(one)));
      expect(keysOf(events, 'peerAdded')).toEqual(keys(after.filter((one) => !kept.includes(one))));
      expect(keysOf(events, 'peerRemoved')).toEqual(keys(before).filter((key) => !keys(after).includes(key)));
      expect(keysOf(events, 'peerChanged')).toEqual(keys(kept.filter((one) => !same.includes(one))));
      expect(diff).toEqual({
        added: after.length - kept.length,
        removed: before.length - kept.length,
        changed: kept.length - same.length,
        unchanged: same.length,
      });
      expect(fleet.size).toBe(after.length);
    }),
  );
});

test('what changed once is unchanged when it is applied again', async () => {
  const { fleet } = fleetAtRest();
  await fleet.apply(groupsOf(somePeers(1)));
  const changed = groupsOf(somePeers(1, { idleTimeoutMs: 1 }));
  expect(await fleet.apply(changed)).toMatchObject({ changed: 1 });
  expect(await fleet.apply(changed)).toMatchObject({ changed: 0, unchanged: 1 });
});

test('peers and groups go before others change and come', async () => {
  const { fleet, events } = fleetAtRest();
  const [goes, changes, comes] = [
    peerSettings(1, { group: 'old' }),
    peerSettings(2),
    peerSettings(3, { group: 'new' }),
  ];
  await fleet.apply(groupsOf([goes, changes]));
  events.length = 0;
  await fleet.apply(groupsOf([comes, { ...changes, idleTimeoutMs: 1 }]));
  expect(events.map(({ type }) => type)).toEqual([
    'peerRemoved',
    'groupRemoved',
    'groupAdded',
    'peerChanged',
    'peerAdded',
  ]);
});

describe('an update', () => {
  const [a1, a2, b1] = [
    peerSettings(1, { group: 'a' }),
    peerSettings(2, { group: 'a' }),
    peerSettings(1, { group: 'b' }),
  ];

  const planned = (settings: PeerSettings) => ({ settings, announced: null, lingerMs: 0 });
  const gone = ({ peer }: PeerSettings) => ({ peer, cause: 'removed' }) as const;

  test('is of the peers that it names alone, and a group that is not known is left out', async () => {
    const { fleet, events } = fleetAtRest();
    await fleet.apply(groupsOf([a1, b1]));
    events.length = 0;
    const diff = await fleet.update([
      { group: 'a', peers: [planned(a2)], gone: [gone(a1), gone(peerSettings(9))] },
      { group: 'c', peers: [planned(peerSettings(1, { group: 'c' }))], gone: [] },
    ]);
    expect(diff).toEqual({ added: 1, changed: 0, removed: 1, unchanged: 0 });
    expect(events.map(({ type }) => type)).toEqual(['peerRemoved', 'peerAdded']);
    expect(keysOf(events, 'peerAdded')).toEqual([peerKey(a2)]);
  });

  test('waits for what runs; those that wait are joined in their order', async () => {
    const { fleet, events } = fleetAtRest({ msPerEvent: 0.25 });
    const applied = fleet.apply(groupsOf([...somePeers(20), a1, b1]));
    const updates = [
      fleet.update([{ group: 'a', peers: [planned(a2)], gone: [] }]),
      fleet.update([{ group: 'b', peers: [planned({ ...b1, idleTimeoutMs: 1 })], gone: [] }]),
      fleet.update([{ group: 'a', peers: [], gone: [gone(a2), gone(a1)] }]),
    ];
    expect(await applied).toMatchObject({ added: 22 });
    expect(await Promise.all(updates)).toEqual(updates.map(() => ({ added: 1, changed: 1, removed: 2, unchanged: 0 })));
    expect(keysOf(events, 'peerRemoved')).toEqual([peerKey(a1), peerKey(a2)]);
  });

  test('and an apply are not joined: one runs after the other', async () => {
    const { fleet } = fleetAtRest({ msPerEvent: 0.25 });
    const applied = fleet.apply(groupsOf([...somePeers(20), a1]));
    const updated = fleet.update([{ group: 'a', peers: [planned(a1), planned(a2)], gone: [] }]);
    const last = fleet.apply(groupsOf([a1, a2]));
    expect(await Promise.all([applied, updated, last])).toMatchObject([
      { added: 21 },
      { added: 1, unchanged: 1 },
      { removed: 20, unchanged: 2 },
    ]);
  });
});

describe('many peers', () => {
  test('are applied in slices: after at most 1 ms the event loop is given back', async () => {
    const slices: number[] = [];
    const { fleet, events, fake } = fleetAtRest({
      msPerEvent: 0.25,
      clock: {
        afterPoll(callback) {
          slices.push(events.length);
          return fake.afterPoll(callback);
        },
      },
    });
    const applied = fleet.apply(groupsOf(somePeers(20)));
    expect(fleet.size).toBeLessThan(5);
    expect(await applied).toEqual({ added: 20, changed: 0, removed: 0, unchanged: 0 });
    // One event for the group, one for each peer.
    expect(slices).toEqual([4, 8, 12, 16, 20]);
    slices.length = 0;
    events.length = 0;
    expect(await fleet.apply([])).toMatchObject({ removed: 20 });
    expect(slices).toEqual([4, 8, 12, 16, 20]);
  });

  test('a stop in between wins: nothing more is added, and the apply resolves', async () => {
    const { fleet, events } = fleetAtRest({ msPerEvent: 0.25 });
    const applied = fleet.apply(groupsOf(somePeers(20)));
    const waiting = fleet.apply(groupsOf(somePeers(30)));
    const known = fleet.size;
    await fleet.stop(0);
    expect(await applied).toEqual({ added: known, changed: 0, removed: 0, unchanged: 0 });
    expect(await waiting).toEqual({ added: 0, changed: 0, removed: 0, unchanged: 0 });
    expect(keysOf(events, 'peerAdded')).toHaveLength(known);
  });

  test('what is applied meanwhile waits, the newest wins, and all are answered', async () => {
    const { fleet, events } = fleetAtRest({ msPerEvent: 0.25 });
    const applied = fleet.apply(groupsOf(somePeers(20)));
    const skipped = fleet.apply(groupsOf(somePeers(15)));
    const last = fleet.apply(groupsOf(somePeers(21)));
    expect(await applied).toMatchObject({ added: 20 });
    expect(await skipped).toEqual({ added: 1, changed: 0, removed: 0, unchanged: 20 });
    expect(await last).toEqual(await skipped);
    expect(keysOf(events, 'peerRemoved')).toEqual([]);
    expect(fleet.size).toBe(21);
  });

  test('are stopped in slices, and no timer is left', async () => {
    const { fleet, events, fake } = fleetAtRest({ msPerEvent: 0.25 });
    await fleet.apply(groupsOf(somePeers(16)));
    fleet.start();
    while (keysOf(events, 'stateEntered').length < 16) await settled();
    events.length = 0;
    const stopped = fleet.stop(2000);
    expect(keysOf(events, 'stateEntered')).toHaveLength(4);
    await stopped;
    expect(keysOf(events, 'stateEntered')).toEqual(somePeers(16).map(peerKey).toSorted());
    expect(fake.pending).toBe(0);
  });

  test('start in slices; who is removed meanwhile does not start, and who comes starts once', async () => {
    const { fleet, events } = fleetAtRest({ msPerEvent: 0.25 });
    await fleet.apply(groupsOf(somePeers(16)));
    fleet.start();
    expect(keysOf(events, 'stateEntered')).toHaveLength(4);
    await fleet.apply(groupsOf([...somePeers(8), peerSettings(30)]));
    await settled();
    const started = keysOf(events, 'stateEntered');
    expect(new Set(started).size).toBe(started.length);
    expect(started).toEqual([...somePeers(8), peerSettings(30)].map(peerKey).toSorted());
    await fleet.stop(0);
  });

  test('that vanish together do so in slices, and so do their last words', async () => {
    const slices: number[] = [];
    const { fleet, events, fake } = fleetAtRest({
      msPerEvent: 0.5,
      clock: {
        afterPoll(callback) {
          slices.push(events.length);
          return fake.afterPoll(callback);
        },
      },
    });
    await fleet.apply(groupsOf(somePeers(20)));
    fleet.start();
    while (keysOf(events, 'stateEntered').length < 20) await settled();
    events.length = slices.length = 0;
    const gone = somePeers(20).map(({ peer }) => ({ peer, cause: 'vanished' }) as const);
    await fleet.update([{ group: 'test', peers: [], gone }]);
    // Two events for each peer: its announcement and its state.
    expect(slices).toEqual(Array.from({ length: 20 }, (_, slice) => 2 * (slice + 1)));
    events.length = slices.length = 0;
    fake.advance(200_000);
    expect(keysOf(events, 'peerRemoved').length).toBeLessThan(5);
    while (fleet.size > 0) await settled();
    expect(keysOf(events, 'peerRemoved')).toHaveLength(20);
    expect(slices.length).toBeGreaterThan(5);
    await fleet.stop(0);
  });
});
