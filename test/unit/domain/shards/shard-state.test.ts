import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  handOverMs,
  hasShare,
  isOwner,
  isScaledAway,
  nextShards,
  SETTLE_MS,
  type ShardState,
} from '../../../../src/domain/shards/shard-state.ts';

type Seen = { readonly wanted: number; readonly ready: number; readonly firstOrdinal?: number; readonly now?: number };

const UNKNOWN: ShardState = { name: 'unknown' };

/** What pod `podOrdinal` goes by after it saw all of these. */
function after(podOrdinal: number, ...seen: readonly Seen[]): ShardState {
  return seen.reduce<ShardState>(
    (state, { wanted, ready, firstOrdinal = 0, now = 0 }) =>
      nextShards(state, { wanted, ready, firstOrdinal }, { podOrdinal, now }),
    UNKNOWN,
  );
}

const total = (state: ShardState) => (state.name === 'known' ? state.share.total : null);
const THREE = { wanted: 3, ready: 3 };

describe('how many shards there are, by what was seen', () => {
  test.each<{ when: string; pod: number; seen: readonly Seen[]; goesBy: number | null }>([
    { when: 'nothing was seen', pod: 0, seen: [], goesBy: null },
    { when: 'it starts, though nobody is ready', pod: 0, seen: [{ wanted: 3, ready: 0 }], goesBy: 3 },
    {
      when: 'more are wanted, and the new one is not ready',
      pod: 0,
      seen: [THREE, { wanted: 4, ready: 3 }],
      goesBy: 3,
    },
    {
      when: 'more are wanted, and all are ready',
      pod: 0,
      seen: [THREE, { wanted: 4, ready: 3 }, { wanted: 4, ready: 4 }],
      goesBy: 4,
    },
    {
      when: 'two more are wanted, and one is ready',
      pod: 0,
      seen: [THREE, { wanted: 5, ready: 3 }, { wanted: 5, ready: 4 }],
      goesBy: 3,
    },
    {
      when: 'more are wanted, and more than these are ready',
      pod: 0,
      seen: [THREE, { wanted: 4, ready: 3 }, { wanted: 4, ready: 5 }],
      goesBy: 4,
    },
    { when: 'one less is wanted, and it stays', pod: 0, seen: [THREE, { wanted: 2, ready: 3 }], goesBy: 2 },
    { when: 'one less is wanted, and it goes', pod: 2, seen: [THREE, { wanted: 2, ready: 3 }], goesBy: 3 },
    { when: 'none is wanted', pod: 0, seen: [THREE, { wanted: 0, ready: 3 }], goesBy: 3 },
    {
      when: 'it was to go, and stays after all',
      pod: 2,
      seen: [THREE, { wanted: 2, ready: 3 }, { wanted: 3, ready: 2 }],
      goesBy: 3,
    },
    { when: 'it starts and is not wanted', pod: 3, seen: [THREE], goesBy: 3 },
    { when: 'it was not wanted and is', pod: 3, seen: [THREE, { wanted: 4, ready: 3 }], goesBy: 4 },
    {
      when: 'the others scaled down and up, and one that leaves still counts as ready',
      pod: 0,
      seen: [THREE, { wanted: 2, ready: 3 }, { wanted: 3, ready: 3, now: 1000 }, { wanted: 3, ready: 3, now: 29_000 }],
      goesBy: 2,
    },
    {
      when: 'one that leaves has left and is back',
      pod: 0,
      seen: [
        THREE,
        { wanted: 2, ready: 3 },
        { wanted: 3, ready: 3, now: 1000 },
        { wanted: 3, ready: 2, now: 2000 },
        { wanted: 3, ready: 3, now: 3000 },
      ],
      goesBy: 3,
    },
    {
      when: 'all have been ready for long since more are wanted',
      pod: 0,
      seen: [THREE, { wanted: 2, ready: 3 }, { wanted: 3, ready: 3 }, { wanted: 3, ready: 3, now: SETTLE_MS }],
      goesBy: 3,
    },
    {
      when: 'yet another number is wanted, that waits anew',
      pod: 0,
      seen: [THREE, { wanted: 4, ready: 5 }, { wanted: 5, ready: 5, now: SETTLE_MS }],
      goesBy: 3,
    },
    { when: 'nothing changes', pod: 1, seen: [THREE, THREE, { wanted: 3, ready: 0 }], goesBy: 3 },
  ])('when $when', ({ pod, seen, goesBy }) => {
    expect(total(after(pod, ...seen))).toBe(goesBy);
  });

  test('the number of the first pod is taken off', () => {
    const state = after(7, { wanted: 3, ready: 0, firstOrdinal: 5 });
    expect(state).toMatchObject({ ordinal: 2, share: { ordinal: 2, total: 3 } });
  });

  test('where pods are numbered anew, one that stays takes its new number, one that goes keeps its share', () => {
    expect(after(1, THREE, { wanted: 3, ready: 2, firstOrdinal: 1 })).toMatchObject({
      share: { ordinal: 0, total: 3 },
    });
    const gone = after(0, THREE, { wanted: 3, ready: 2, firstOrdinal: 1 });
    expect(gone).toMatchObject({ ordinal: -1, share: { ordinal: 0, total: 3 } });
    expect(isScaledAway(gone)).toBe(true);
  });
});

describe('what is held', () => {
  const peers = Array.from({ length: 200 }, (_, i) => `p-${i}:1`);

  test('nothing while the number is unknown, or where the process is none of the wanted ones', () => {
    for (const state of [UNKNOWN, after(3, THREE), after(0, { wanted: 0, ready: 0 })]) {
      expect(hasShare(state)).toBe(false);
      expect(isScaledAway(state)).toBe(false);
      expect(peers.some((peer) => isOwner(state, 'g', peer))).toBe(false);
    }
  });

  test('a process that is scaled away holds what it held', () => {
    const before = after(2, THREE);
    const scaledAway = after(2, THREE, { wanted: 2, ready: 3 });
    expect(isScaledAway(before)).toBe(false);
    expect(isScaledAway(scaledAway)).toBe(true);
    for (const peer of peers) expect(isOwner(scaledAway, 'g', peer)).toBe(isOwner(before, 'g', peer));
  });

  /** How many of the pods hold each peer. */
  const holders = (pods: ReadonlyMap<number, ShardState>): readonly number[] =>
    peers.slice(0, 12).map((peer) => [...pods.values()].filter((state) => isOwner(state, 'g', peer)).length);

  // Each change: how many are wanted, and which pods see it before the others.
  test('whoever sees what when, no peer is held by nobody while shards come and go', () => {
    const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 4 }))), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), changes, (first, all) => {
        const pods = new Map<number, ShardState>();
        const start = (wanted: number): void => {
          for (let pod = 0; pod < wanted; pod++) if (!pods.has(pod)) pods.set(pod, after(pod, { wanted, ready: 0 }));
        };
        const see = (pod: number, seen: { wanted: number; ready: number }, now: number): void => {
          const state = pods.get(pod);
          if (state !== undefined)
            pods.set(pod, nextShards(state, { ...seen, firstOrdinal: 0 }, { podOrdinal: pod, now }));
          expect(Math.min(...holders(pods))).toBeGreaterThan(0);
        };
        start(first);
        for (const [step, [wanted, early]] of all.entries()) {
          const now = step * 100_000;
          for (const pod of [...early, ...pods.keys()])
            see(pod, { wanted, ready: Math.min(pods.size, wanted - 1) }, now);
          start(wanted);
          for (const pod of [...early, ...pods.keys()]) see(pod, { wanted, ready: wanted }, now + SETTLE_MS);
          for (const [pod, state] of pods) if (isScaledAway(state)) pods.delete(pod);
          expect(new Set(holders(pods))).toEqual(new Set([1]));
        }
      }),
      { numRuns: 40 },
    );
  });
});

test.each([
  { held: 750, connectsPerSecond: 50, others: 3, ms: 15_000 },
  { held: 5000, connectsPerSecond: 200, others: 2, ms: 22_500 },
  { held: 15_000, connectsPerSecond: 50, others: 1, ms: 60_000 },
  { held: 10, connectsPerSecond: 50, others: 0, ms: 0 },
  { held: 0, connectsPerSecond: 50, others: 3, ms: 0 },
])('$held peers at $connectsPerSecond a second to $others others: held on for $ms ms', ({ ms, ...handOver }) => {
  expect(handOverMs(handOver)).toBe(ms);
});
