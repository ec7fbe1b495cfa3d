import { describe, expect, test } from 'vitest';
import { Sharding } from '../../../src/daemon/sharding.ts';
import type { Owns } from '../../../src/discovery/peer-plan.ts';
import type { ReplicaSource, ReplicaUpdate } from '../../../src/discovery/replica-source.ts';
import type { FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import type { ShardSettings } from '../../../src/settings/shard-settings.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

const seen = (replicas: number, readyReplicas = replicas): ReplicaUpdate => ({
  kind: 'known',
  replicas,
  readyReplicas,
  firstOrdinal: 0,
});
const PEERS = Array.from({ length: 60 }, (_, index) => `p-${index}:1`);
const count = (owns: Owns) => PEERS.filter((peer) => owns('g', peer)).length;

/** Pod `podOrdinal` of a StatefulSet; `update` is what its watch sees, `latest` what an own question is answered. */
function pod(podOrdinal: number, latest: ReplicaUpdate | null = null) {
  const clock = createFakeClock();
  const events: FinrstEvent[] = [];
  const reshards: Owns[] = [];
  const pauses: boolean[] = [];
  const asked: number[] = [];
  let update: (update: ReplicaUpdate) => void = () => {};
  let isStopped = false;
  const source: ReplicaSource = {
    start: (onUpdate) => void (update = onUpdate),
    async ask(timeoutMs) {
      asked.push(timeoutMs);
      return latest;
    },
    stop: () => void (isStopped = true),
  };
  const settings: ShardSettings = {
    kind: 'statefulSet',
    name: 'finrst',
    podOrdinal,
    server: { kind: 'inCluster' },
    namespace: null,
  };
  let applied = Promise.withResolvers<void>();
  const sharding = new Sharding({ clock, publish: (event) => void events.push(event), settings, source });
  sharding.start({
    reshard: (owns) => {
      reshards.push(owns);
      applied = Promise.withResolvers<void>();
      return applied.promise;
    },
    pauseConnects: (isPaused) => void pauses.push(isPaused),
  });
  return {
    sharding,
    clock,
    events,
    reshards,
    pauses,
    asked,
    see: (what: ReplicaUpdate) => update(what),
    async apply() {
      applied.resolve();
      await settled();
    },
    isStopped: () => isStopped,
    held: () => count(reshards.at(-1) ?? sharding.owns),
  };
}

describe('a process', () => {
  test('that is no shard holds all peers and says nothing of shards', () => {
    const events: FinrstEvent[] = [];
    const publish = (event: FinrstEvent): void => void events.push(event);
    const alone = new Sharding({ clock: createFakeClock(), publish, settings: null, source: null });
    alone.start({ reshard: async () => {}, pauseConnects: () => {} });
    expect(count(alone.owns)).toBe(60);
    expect(alone.notReady()).toBe(null);
    expect(alone.shardOf({ group: 'g', peer: 'p-0:1' })).toBe(null);
    expect(events).toEqual([]);
  });

  test('with a fixed ordinal holds its share from the start, and ends at once', async () => {
    const events: FinrstEvent[] = [];
    const publish = (event: FinrstEvent): void => void events.push(event);
    const shares = [0, 1, 2].map((ordinal) => {
      const settings = { kind: 'fixed', total: 3, ordinal } as const;
      const shard = new Sharding({ clock: createFakeClock(), publish, settings, source: null });
      shard.start({ reshard: async () => {}, pauseConnects: () => {} });
      return shard;
    });
    for (const peer of PEERS) expect(shares.filter(({ owns }) => owns('g', peer))).toHaveLength(1);
    for (const peer of PEERS) {
      const named = shares.map((shard) => shard.shardOf({ group: 'g', peer }));
      const holder = shares.findIndex(({ owns }) => owns('g', peer));
      expect(named).toEqual([0, 1, 2].map((ordinal) => ({ ordinal: holder, total: 3, isThis: ordinal === holder })));
    }
    expect(events[1]).toMatchObject({ type: 'shardsChanged', ordinal: 1, total: 3, wanted: 3, isReshard: false });
    expect(shares[0]?.notReady()).toBe(null);
    expect(await shares[0]?.handOver({ held: 10, connectsPerSecond: 1 })).toBe('shutdown');
  });
});

describe('readiness', () => {
  test('comes with the number of shards and the share', async () => {
    const shard = pod(1);
    expect(shard.held()).toBe(0);
    expect(shard.sharding.notReady()).toBe(
      'Finrst holds nothing: the Kubernetes API has not said yet how many shards there are.',
    );
    shard.see({ kind: 'unreachable', why: 'answered 403' });
    expect(shard.sharding.notReady()).toContain('(answered 403)');
    shard.see(seen(3, 0));
    expect(shard.held()).toBeGreaterThan(0);
    expect(shard.sharding.notReady()).toBe('Finrst applies its share of the peers.');
    await shard.apply();
    expect(shard.sharding.notReady()).toBe(null);
  });

  test('does not come where the pod is none of those that are wanted', async () => {
    const shard = pod(3);
    shard.see(seen(3));
    await shard.apply();
    expect(shard.held()).toBe(0);
    expect(shard.sharding.notReady()).toBe('Finrst holds nothing: it is shard 3, and 3 are wanted.');
  });
});

describe('shards that come', () => {
  test('take over once all are ready', () => {
    const shard = pod(0);
    shard.see(seen(3));
    const before = shard.held();
    shard.see(seen(4, 3));
    expect(shard.reshards).toHaveLength(1);
    shard.see(seen(4));
    expect(shard.reshards).toHaveLength(2);
    expect(shard.held()).toBeLessThan(before);
    const changes = shard.events.filter(({ type }) => type === 'shardsChanged');
    expect(changes).toMatchObject([
      { total: 3, wanted: 3, isReshard: false },
      { total: 3, wanted: 4, isReshard: false },
      { total: 4, wanted: 4, isReshard: true },
    ]);
  });

  test('that count as ready from the start are believed after a while', () => {
    const shard = pod(0);
    shard.see(seen(2));
    shard.see(seen(3));
    shard.clock.advance(29_999);
    expect(shard.reshards).toHaveLength(1);
    shard.clock.advance(1);
    expect(shard.reshards).toHaveLength(2);
    expect(shard.clock.pending).toBe(0);
  });

  test('what is seen again changes nothing', () => {
    const shard = pod(0);
    shard.see(seen(3));
    shard.see(seen(3, 2));
    shard.see(seen(3));
    expect(shard.events).toHaveLength(1);
    expect(shard.reshards).toHaveLength(1);
  });
});

test('an API server that is away changes nothing, and is said at the 1st, 2nd, 4th failure', () => {
  const shard = pod(0);
  shard.see(seen(3));
  for (let failure = 0; failure < 5; failure++) shard.see({ kind: 'unreachable', why: 'refused' });
  const warnings = shard.events.filter(({ type }) => type === 'warned');
  expect(warnings).toMatchObject([
    { level: 'warn', message: 'it is not known whether the number of shards has changed: it stays' },
    { fields: { why: 'refused', failures: 2 } },
    { fields: { why: 'refused', failures: 4 } },
  ]);
  expect(shard.reshards).toHaveLength(1);
  expect(shard.sharding.notReady()).not.toContain('refused');
});

test('at the start without it that is an error, as nothing is held', () => {
  const shard = pod(0);
  shard.see({ kind: 'gone' });
  expect(shard.events).toMatchObject([
    {
      level: 'error',
      message: 'nothing is held: it is not known how many shards there are',
      fields: { why: 'the StatefulSet does not exist' },
    },
  ]);
  expect(shard.held()).toBe(0);
});

describe('a shard that is scaled away', () => {
  test('keeps its share and begins no attempt; one that stays after all goes on', () => {
    const shard = pod(2);
    shard.see(seen(3));
    const held = shard.held();
    shard.see(seen(2, 3));
    expect(shard.held()).toBe(held);
    expect(shard.pauses).toEqual([false, true]);
    expect(shard.events.at(-1)).toMatchObject({ isScaledAway: true, isReshard: false, total: 3, wanted: 2 });
    shard.see(seen(3, 2));
    expect(shard.pauses.at(-1)).toBe(false);
    expect(shard.reshards).toHaveLength(1);
  });

  test('holds on when it is asked to end, while the others connect', async () => {
    const shard = pod(2, seen(2, 3));
    shard.see(seen(3));
    let reason = '';
    void shard.sharding.handOver({ held: 1000, connectsPerSecond: 50 }).then((why) => (reason = why));
    await settled();
    // Its own question was the first that it heard of it.
    expect(shard.asked).toEqual([1000]);
    expect(shard.pauses.at(-1)).toBe(true);
    expect(shard.events.at(-1)).toMatchObject({ type: 'handingOver', held: 1000, forMs: 20_000 });
    shard.clock.advance(19_999);
    await settled();
    expect(reason).toBe('');
    shard.clock.advance(1);
    await settled();
    expect(reason).toBe('resharded');
  });

  test('also where the API server does not answer any more', async () => {
    const shard = pod(2, null);
    shard.see(seen(3));
    shard.see(seen(2, 3));
    const ended = shard.sharding.handOver({ held: 0, connectsPerSecond: 50 });
    await settled();
    shard.clock.advance(0);
    expect(await ended).toBe('resharded');
  });

  test.each<{ what: string; latest: ReplicaUpdate | null }>([
    { what: 'that restarts', latest: seen(3) },
    { what: 'that cannot ask', latest: null },
    { what: 'whose StatefulSet is gone', latest: { kind: 'gone' } },
    { what: 'when none is wanted', latest: seen(0, 3) },
  ])('but one $what ends at once', async ({ latest }) => {
    const shard = pod(2, latest);
    shard.see(seen(3));
    expect(await shard.sharding.handOver({ held: 1000, connectsPerSecond: 50 })).toBe('shutdown');
  });

  test('one without a share asks nobody', async () => {
    const shard = pod(2, seen(2));
    expect(await shard.sharding.handOver({ held: 0, connectsPerSecond: 50 })).toBe('shutdown');
    expect(shard.asked).toEqual([]);
  });
});

test('nothing is taken while the process ends, and no timer is left', async () => {
  const shard = pod(0, seen(4));
  shard.see(seen(3));
  shard.see(seen(4));
  expect(shard.clock.pending).toBe(1);
  await shard.sharding.handOver({ held: 0, connectsPerSecond: 1 });
  shard.see(seen(5));
  shard.clock.advance(100_000);
  expect(shard.reshards).toHaveLength(1);
  shard.sharding.stop();
  expect(shard.isStopped()).toBe(true);
  expect(shard.clock.pending).toBe(0);
});
