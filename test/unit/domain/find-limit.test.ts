import { describe, expect, test } from 'vitest';
import type { EndedConnection } from '../../../src/domain/ended-connection.ts';
import { findLimit, MOST_CONNECTIONS } from '../../../src/domain/find-limit.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** A connection that was silent all its life, and that the peer ended. */
const silent = (lengthMs: number): EndedConnection => ({
  met: 'unasked',
  ageMs: lengthMs,
  quietMs: lengthMs,
  aliveMs: lengthMs,
});
const unasked = (ageMs: number, quietMs: number): EndedConnection => ({
  met: 'unasked',
  ageMs,
  quietMs,
  aliveMs: ageMs,
});
const survivor = (ageMs: number, quietMs: number): EndedConnection => ({ ...unasked(ageMs, quietMs), met: 'survived' });
/** A packet of ours found the path dead after this much silence. */
const provoked = (quietMs: number, aliveMs = 0): EndedConnection => ({
  met: 'provoked',
  ageMs: aliveMs + quietMs + 30_000,
  quietMs,
  aliveMs,
});

describe('an idle limit', () => {
  test('three ends after one silence, at different ages', () => {
    expect(findLimit([unasked(20_400, 20_400), unasked(95_000, 20_450), unasked(31_000, 20_500)])).toEqual({
      kind: 'silence',
      silence: { leastMs: 20_400, mostMs: 20_500 },
      ends: 3,
      of: 3,
    });
  });

  test.each([1, 2])('%i ends are none, however equal', (count) => {
    expect(findLimit(Array.from({ length: count }, () => silent(60_000)))).toBeNull();
  });

  test.each([
    { of: 3, needed: 3 },
    { of: 5, needed: 3 },
    { of: 6, needed: 4 },
    { of: 15, needed: 4 },
    { of: 16, needed: 5 },
    { of: 30, needed: 5 },
  ])('$needed of $of ends are enough, one less is not', ({ of, needed }) => {
    // The others came earlier, each at a time of its own.
    const ends = (equal: number) =>
      Array.from({ length: of }, (_, at) =>
        at < equal ? unasked(100_000 * (at + 1), 60_000) : unasked(50_000 - 1000 * at, 5000 + 1000 * at),
      );
    expect(findLimit(ends(needed))).toMatchObject({ kind: 'silence', ends: needed, of });
    expect(findLimit(ends(needed - 1))).toBeNull();
  });

  test.each([
    { name: 'exactly 2 % apart', longest: 61_200, found: true },
    { name: 'further apart', longest: 61_201, found: false },
  ])('$name', ({ longest, found }) => {
    const limit = findLimit([unasked(60_000, 60_000), unasked(200_000, 60_500), unasked(400_000, longest)]);
    expect(limit !== null).toBe(found);
  });

  test.each([
    { name: 'a connection that we closed after a longer silence', other: survivor(500_000, 62_000) },
    { name: 'an end after a longer silence', other: unasked(500_000, 62_000) },
    { name: 'a path found dead after a longer silence', other: provoked(62_000) },
  ])('$name refutes it', ({ other }) => {
    const ends = [unasked(60_000, 60_000), unasked(200_000, 60_100), unasked(400_000, 60_200)];
    expect(findLimit([...ends, survivor(500_000, 59_000)])).toMatchObject({ kind: 'silence' });
    expect(findLimit([...ends, other])).toBeNull();
  });

  test('what ended for a reason that says nothing of silence is counted, and refutes nothing', () => {
    const unclear = { ...unasked(900_000, 300_000), met: 'unclear' } as const;
    const ends = [unasked(60_000, 60_000), unasked(200_000, 60_100), unasked(400_000, 60_200)];
    expect(findLimit([...ends, unclear])).toMatchObject({ kind: 'silence', ends: 3, of: 4 });
  });

  test('a peer that hangs up at once has none: those are the lengths of a handshake', () => {
    expect(findLimit([silent(999), silent(999), silent(999)])).toBeNull();
    expect(findLimit([silent(1000), silent(1000), silent(1000)])).not.toBeNull();
  });

  test('only the last connections count', () => {
    const old = Array.from({ length: 5 }, () => unasked(300_000, 200_000));
    const recent = Array.from({ length: MOST_CONNECTIONS }, (_, at) => unasked(100_000 + 9000 * at, 60_000));
    expect(findLimit([...old, ...recent])).toMatchObject({ kind: 'silence', ends: 30, of: 30 });
  });
});

describe('an age', () => {
  test('ends at one age, after different silences', () => {
    expect(findLimit([unasked(30_000, 10), unasked(30_100, 9000), unasked(30_200, 4000)])).toEqual({
      kind: 'age',
      age: { leastMs: 30_000, mostMs: 30_200 },
      ends: 3,
      of: 3,
    });
  });

  test('a connection that lived longer refutes it', () => {
    const ends = [unasked(30_000, 10), unasked(30_100, 9000), unasked(30_200, 4000)];
    expect(findLimit([...ends, survivor(31_000, 10)])).toBeNull();
  });
});

test('where age and silence are the same each time it cannot be told which is limited', () => {
  expect(findLimit([silent(20_400), silent(20_410), silent(20_420)])).toEqual({
    kind: 'silenceOrAge',
    silence: { leastMs: 20_400, mostMs: 20_420 },
    age: { leastMs: 20_400, mostMs: 20_420 },
    ends: 3,
    of: 3,
  });
});

describe('ends that a packet of ours provoked', () => {
  test('only bound: they say at most, and that where no such silence was survived', () => {
    expect(findLimit([provoked(52_000), provoked(48_000), provoked(60_000, 3000)])).toEqual({
      kind: 'silenceAtMost',
      atMostMs: 48_000,
      ends: 3,
      of: 3,
    });
  });

  test('never count by value, however equal', () => {
    expect(findLimit([provoked(60_000), provoked(60_000), provoked(60_000)])?.kind).toBe('silenceAtMost');
  });

  test.each([
    { name: 'two of them', ends: [provoked(60_000), provoked(60_000)] },
    {
      name: 'a life before in which as long a silence can have passed',
      ends: [provoked(60_000), provoked(60_000), provoked(60_000, 60_000)],
    },
    {
      name: 'another connection that lived as long',
      ends: [provoked(60_000), provoked(60_000), provoked(60_000), survivor(60_000, 0)],
    },
    { name: 'silences of less than a second', ends: [provoked(900), provoked(900), provoked(900)] },
  ])('$name: no claim', ({ ends }) => {
    expect(findLimit(ends)).toBeNull();
  });
});

describe('ends at random yield no claim', () => {
  /** Of 1,000 peers at most one, as the thresholds promise; a seed that shows more would be one of chance. */
  const RUNS = 1000;
  const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const laws = {
    exponential: (random: () => number) => 1000 - 60_000 * Math.log(1 - random()),
    lognormal: (random: () => number) => 60_000 * Math.exp(normal(random)),
  };

  test.each(Object.entries(laws).flatMap(([name, draw]) => [3, 5, 16].map((count) => ({ name, draw, count }))))(
    '$name, $count ends',
    ({ draw, count }) => {
      const random = seededRandom(count);
      let claims = 0;
      for (let run = 0; run < RUNS; run += 1) {
        // Age and silence by themselves: two chances for a false claim.
        const ends = Array.from({ length: count }, () => unasked(draw(random), draw(random)));
        if (findLimit(ends) !== null) claims += 1;
      }
      expect(claims).toBeLessThanOrEqual(RUNS / 1000);
    },
  );

  test('nor does a path that dies at random times, where keepalive asks every minute or so', () => {
    const random = seededRandom(7);
    let claims = 0;
    for (let run = 0; run < RUNS; run += 1) {
      // Each probe that was answered is a silence survived; a path that lives ten minutes on average answers some.
      const ends = Array.from({ length: 5 }, () => {
        const idleMs = 48_000 + 12_000 * random();
        return provoked(idleMs, Math.floor((laws.exponential(random) * 10) / idleMs) * idleMs);
      });
      if (findLimit(ends) !== null) claims += 1;
    }
    expect(claims).toBeLessThanOrEqual(RUNS / 1000);
  });
});
