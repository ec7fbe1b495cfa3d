import { describe, expect, test } from 'vitest';
import { EndWindow } from '../../../src/domain/end-window.ts';
import type { EndedConnection } from '../../../src/domain/ended-connection.ts';
import type { Silences } from '../../../src/domain/silences.ts';
import { silences } from '../../support/sample-finrst-events.ts';

/** Ends come so far apart that none of them share a moment. */
const APART_MS = 1_000_000;

type Came = Partial<EndedConnection> & Pick<EndedConnection, 'met'>;

const unasked = (ageMs: number, payloadMs: number, packetsMs: number | null = payloadMs): Came => ({
  met: 'unasked',
  ageMs,
  payloadMs,
  packetsMs,
});
/** A connection that was silent all its life, and that the peer ended. */
const silent = (lengthMs: number): Came => unasked(lengthMs, lengthMs);
const survivor = (ageMs: number, payloadMs: number): Came => ({ ...unasked(ageMs, payloadMs), met: 'survived' });
/** A packet of ours found the path dead after this much silence. */
const provoked = (packetsMs: number): Came => ({
  met: 'provoked',
  ageMs: packetsMs + 30_000,
  payloadMs: packetsMs,
  packetsMs,
  unheardMs: packetsMs + 30_000,
});

function windowAfter(ends: readonly Came[], lived: readonly Partial<Silences>[] = []): EndWindow {
  const window = new EndWindow();
  ends.forEach((end, count) => {
    const defaults = { at: count * APART_MS, ageMs: 0, payloadMs: 0, packetsMs: 0, unheardMs: 0 };
    window.add({ ...defaults, ...end });
  });
  for (const each of lived) window.sampled({ ...silences, ...each });
  return window;
}
const limitAfter = (...ends: readonly Came[]) => windowAfter(ends).limit();

/** Five ends after one silence, at different ages. */
const IDLE = [
  unasked(60_400, 60_000),
  unasked(200_000, 60_100),
  unasked(400_000, 60_200),
  unasked(90_000, 60_300),
  unasked(700_000, 60_400),
];

describe('an idle limit', () => {
  test('five ends after one silence of packets and payload', () => {
    const range = { leastMs: 60_000, mostMs: 60_400 };
    expect(limitAfter(...IDLE)).toEqual({
      kind: 'silence',
      packets: range,
      payload: range,
      age: null,
      ends: 5,
      of: 5,
    });
  });

  test.each([
    { clock: 'payload', ends: IDLE.map((end) => ({ ...end, packetsMs: null })) },
    { clock: 'payload', ends: IDLE.map((end, count) => ({ ...end, packetsMs: 1000 + 9000 * count })) },
    { clock: 'packets', ends: IDLE.map((end, count) => ({ ...end, payloadMs: 70_000 + 9000 * count })) },
  ])('of $clock alone, where the other silence is another each time', ({ clock, ends }) => {
    const other = clock === 'payload' ? 'packets' : 'payload';
    expect(limitAfter(...ends)).toMatchObject({ kind: 'silence', [clock]: { leastMs: 60_000 }, [other]: null });
  });

  test.each([1, 2, 3, 4])('%i ends are none, however equal', (count) => {
    expect(limitAfter(...Array.from({ length: count }, () => silent(60_000)))).toBeNull();
  });

  test.each([
    { of: 5, needed: 4 },
    { of: 15, needed: 4 },
    { of: 16, needed: 6 },
    { of: 30, needed: 6 },
  ])('$needed of $of ends are enough, one less is not', ({ of, needed }) => {
    // The others came earlier, each at a time of its own.
    const ends = (equal: number) =>
      Array.from({ length: of }, (_, at) =>
        at < equal ? unasked(100_000 * (at + 1), 60_000) : unasked(50_000 - 1000 * at, 5000 + 1000 * at),
      );
    expect(limitAfter(...ends(needed))).toMatchObject({ kind: 'silence', ends: needed, of });
    expect(limitAfter(...ends(needed - 1))).toBeNull();
  });

  test.each([
    { name: 'exactly 2 % apart', longest: 61_200, found: true },
    { name: 'further apart', longest: 61_201, found: false },
  ])('$name', ({ longest, found }) => {
    const ends = [60_000, 60_000, 60_500, longest, longest].map((length, at) => unasked(100_000 * (at + 1), length));
    expect(limitAfter(...ends) !== null).toBe(found);
  });

  test.each([
    { name: 'a connection that we closed after a longer silence', other: survivor(500_000, 62_000) },
    { name: 'an end after a longer silence', other: unasked(500_000, 62_000) },
    { name: 'a path found dead after a longer silence', other: provoked(62_000) },
  ])('$name refutes it', ({ other }) => {
    expect(limitAfter(...IDLE, survivor(500_000, 59_000))).toMatchObject({ kind: 'silence' });
    expect(limitAfter(...IDLE, other)).toBeNull();
  });

  test('what ended for a reason that says nothing of silence is counted, and refutes nothing', () => {
    expect(limitAfter(...IDLE, { ...unasked(900_000, 300_000), met: 'unclear' })).toMatchObject({ ends: 5, of: 6 });
  });

  test('a peer that hangs up at once has none: those are the lengths of a handshake', () => {
    const five = (length: number) => Array.from({ length: 5 }, () => silent(length));
    expect(limitAfter(...five(999))).toBeNull();
    expect(limitAfter(...five(1000))).not.toBeNull();
  });

  test('only the last ends count', () => {
    const old = Array.from({ length: 5 }, () => unasked(300_000, 200_000));
    const recent = Array.from({ length: 30 }, (_, at) => unasked(100_000 + 9000 * at, 60_000));
    expect(limitAfter(...old, ...recent.slice(1))).toBeNull();
    expect(limitAfter(...old, ...recent)).toMatchObject({ kind: 'silence', ends: 30, of: 30 });
  });
});

describe('a connection that lives refutes', () => {
  test.each([
    {
      name: 'a limit of payload and packets, by both',
      lived: { payloadMs: 62_000, packetsAtMostMs: 62_000 },
      left: null,
    },
    { name: 'a limit of payload, by payload', lived: { payloadMs: 62_000 }, left: { packets: {}, payload: null } },
    {
      name: 'a limit of packets, by packets',
      lived: { packetsAtMostMs: 62_000 },
      left: { packets: null, payload: {} },
    },
    { name: 'none that is longer', lived: { payloadMs: 60_900, packetsAtMostMs: 60_900 }, left: { payload: {} } },
  ])('$name', ({ lived, left }) => {
    const limit = windowAfter(IDLE, [lived]).limit();
    if (left === null) expect(limit).toBeNull();
    else expect(limit).toMatchObject(left);
  });

  test('as long as the end that came after it is remembered', () => {
    const window = windowAfter(IDLE, [{ payloadMs: 62_000, packetsAtMostMs: 62_000 }]);
    const add = (count: number) =>
      window.add({
        met: 'unasked',
        at: (5 + count) * APART_MS,
        ageMs: 1000 * count,
        payloadMs: 60_000,
        packetsMs: 60_000,
        unheardMs: 0,
      });
    for (let count = 0; count < 30; count += 1) add(count);
    expect(window.limit()).toBeNull();
    add(30);
    expect(window.limit()).not.toBeNull();
  });

  test('an age', () => {
    const ends = [10, 9000, 4000, 70, 300].map((silence) => unasked(30_000, silence));
    expect(windowAfter(ends, [{ ageMs: 30_600 }]).limit()).toMatchObject({ kind: 'age' });
    expect(windowAfter(ends, [{ ageMs: 30_601 }]).limit()).toBeNull();
  });
});

describe('ends of one moment', () => {
  const together = (gapMs: number, ends: readonly Came[] = Array.from({ length: 5 }, () => silent(60_000))) =>
    limitAfter(...ends.map((end, count) => ({ ...end, at: 1000 * APART_MS + gapMs * count })));

  test('are one, however many: they share an accident', () => {
    expect(together(0)).toBeNull();
    expect(together(1199)).toBeNull();
    expect(together(1200)).toMatchObject({ kind: 'silence', ends: 5 });
  });

  test('are one, too, where only the silence is the same', () => {
    const ends = [1, 2, 3, 4, 5].map((age) => unasked(100_000 * age, 60_000));
    expect(together(1199, ends)).toBeNull();
    expect(together(1200, ends)).toMatchObject({ kind: 'silence', ends: 5 });
  });

  test('are refuted by what lived before any of them', () => {
    const window = windowAfter(IDLE.slice(0, 4), []);
    const last = { unheardMs: 0, ageMs: 700_000, payloadMs: 60_400, packetsMs: 60_400, met: 'unasked' } as const;
    window.add({ ...last, at: 5 * APART_MS });
    window.sampled({ ...silences, payloadMs: 62_000, packetsAtMostMs: 62_000 });
    window.add({ ...last, at: 5 * APART_MS + 1 });
    expect(window.limit()).toBeNull();
  });

  test('leave the others in: a fleet that ends together does not hide what came before', () => {
    const storm = Array.from({ length: 40 }, (_, count) => ({ ...silent(60_100), at: 5 * APART_MS + count }));
    expect(limitAfter(...IDLE, ...storm)).toMatchObject({ kind: 'silence', ends: 6, of: 6 });
  });
});

describe('an age', () => {
  test('ends at one age, after different silences', () => {
    const ends = [10, 9000, 4000, 70, 300].map((silence, count) => unasked(30_000 + 100 * count, silence));
    expect(limitAfter(...ends)).toEqual({ kind: 'age', age: { leastMs: 30_000, mostMs: 30_400 }, ends: 5, of: 5 });
  });

  test('a connection that lived longer refutes it, whatever ended it', () => {
    const ends = [10, 9000, 4000, 70, 300].map((silence) => unasked(30_000, silence));
    for (const met of ['survived', 'unclear', 'provoked'] as const)
      expect(limitAfter(...ends, { ...unasked(31_000, 10), met })).toBeNull();
  });

  test('and silence are both named where both are the same each time', () => {
    const range = { leastMs: 20_400, mostMs: 20_400 };
    expect(limitAfter(...Array.from({ length: 5 }, () => silent(20_400)))).toMatchObject({
      payload: range,
      age: range,
    });
  });
});

describe('ends that a packet of ours provoked', () => {
  const three = [provoked(52_000), provoked(48_000), provoked(60_000)];

  test('only bound: they say at most, and that where no such silence was survived', () => {
    const claim = { kind: 'silenceAtMost', survivedMs: 0, atMostMs: 48_000, ends: 3, of: 3 };
    expect(limitAfter(...three)).toEqual(claim);
    expect(windowAfter(three, [{ survivedMs: 31_000, survivedAtMostMs: 47_999 }]).limit()).toEqual({
      ...claim,
      survivedMs: 31_000,
    });
  });

  test('are at least half of all ends: where most end early, few survive a long silence anyway', () => {
    const early = [20_000, 9000, 31_000].map((length) => silent(length));
    expect(limitAfter(...three, ...early)).toMatchObject({ kind: 'silenceAtMost', ends: 3, of: 6 });
    expect(limitAfter(...three, ...early, silent(15_000))).toBeNull();
  });

  test('never count by value, however equal', () => {
    expect(limitAfter(...Array.from({ length: 9 }, () => provoked(60_000)))?.kind).toBe('silenceAtMost');
  });

  test('claim nothing where as long a silence may have been survived', () => {
    expect(windowAfter(three, [{ survivedAtMostMs: 48_000 }]).limit()).toBeNull();
    expect(limitAfter(...three, unasked(70_000, 48_000))).toBeNull();
  });

  test.each([
    { name: 'two of them', ends: [provoked(60_000), provoked(60_000)] },
    { name: 'silences of less than a second', ends: [provoked(999), provoked(999), provoked(999)] },
  ])('$name: no claim', ({ ends }) => {
    expect(limitAfter(...ends)).toBeNull();
  });

  test('by one cut of the path are one: it may have happened before the first was found', () => {
    const cut = Array.from({ length: 20 }, (_, count) => ({
      ...provoked(50_000),
      at: 80_000 * APART_MS + 2000 * count,
    }));
    expect(limitAfter(...cut)).toBeNull();
    expect(limitAfter(provoked(52_000), ...cut, { ...provoked(53_000), at: 90_000 * APART_MS })).toMatchObject({
      ends: 3,
      atMostMs: 50_000,
    });
  });
});

describe('a limit that was asked before', () => {
  // Ends that one moment explains with the last one.
  const again = (end: Came, count: number) => ({
    at: count * APART_MS + 1,
    payloadMs: 0,
    packetsMs: 0,
    unheardMs: 0,
    ageMs: 0,
    ...end,
  });

  test('is gone once an end of the same moment comes from a connection that lived beyond', () => {
    const window = windowAfter(IDLE);
    expect(window.limit()).not.toBeNull();
    window.sampled({ ...silences, ageMs: 3_600_000, payloadMs: 3_600_000, packetsAtMostMs: 3_600_000 });
    window.add(again(unasked(700_000, 60_400), IDLE.length - 1));
    expect(window.limit()).toEqual(
      windowAfter(IDLE, [{ ageMs: 3_600_000, payloadMs: 3_600_000, packetsAtMostMs: 3_600_000 }]).limit(),
    );
  });

  test('is lower once an end of the same moment was provoked after less', () => {
    const window = windowAfter([provoked(300_000), provoked(310_000), provoked(320_000)]);
    expect(window.limit()).toMatchObject({ kind: 'silenceAtMost', atMostMs: 300_000 });
    window.add({ ...again(provoked(250_000), 2), unheardMs: 280_000 });
    expect(window.limit()).toMatchObject({ kind: 'silenceAtMost', atMostMs: 250_000 });
  });

  test('is there once the ends are enough, and gone while a connection lives that lived beyond', () => {
    const window = windowAfter(IDLE.slice(0, 4));
    expect(window.limit()).toBeNull();
    window.add(again(IDLE[4] ?? silent(0), 4));
    const shown = window.limit();
    expect(shown).toEqual(limitAfter(...IDLE));
    expect(window.limit()).toEqual(shown);
    window.sampled({ ...silences, ageMs: 3_600_000, payloadMs: 3_600_000, packetsAtMostMs: 3_600_000 });
    expect(window.limit()).not.toEqual(shown);
  });
});
