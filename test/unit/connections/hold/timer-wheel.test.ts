import { describe, expect, test } from 'vitest';
import { TimerWheel } from '../../../../src/connections/hold/timer-wheel.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

/** Takers that write down when they were called, and are asked for again after `everyMs`; each call takes `costMs`. */
function wheeling({ everyMs = 0, costMs = 0, startAt = 0 } = {}) {
  const clock = createFakeClock();
  clock.advance(startAt);
  const wheel = new TimerWheel(clock);
  const taken: { readonly name: string; readonly at: number }[] = [];
  const taker = (name: string) => {
    const its = {
      turn: 0,
      due(): void {
        taken.push({ name, at: clock.monotonic() });
        if (everyMs > 0) its.turn = wheel.add(its, everyMs);
        if (costMs > 0) clock.stall(costMs);
      },
    };
    return its;
  };
  return { clock, wheel, taken, taker, at: () => taken.map(({ at }) => at) };
}

test('each comes about as late as it was asked for, at most 100 ms off, or a second sooner where that is long', () => {
  const random = seededRandom(3);
  const { clock, wheel, taken, taker } = wheeling({ startAt: 12_345 });
  const wanted = new Map<string, { readonly at: number; readonly waitMs: number }>();
  for (let n = 0; n < 500; n++) {
    const waitMs = random() * 60_000;
    wanted.set(`${n}`, { at: clock.monotonic() + waitMs, waitMs });
    wheel.add(taker(`${n}`), waitMs);
    clock.advance(random() * 50);
  }
  clock.advance(61_000);
  expect(taken).toHaveLength(500);
  for (const { name, at } of taken) {
    const { at: wantedAt = 0, waitMs = 0 } = wanted.get(name) ?? {};
    expect(at - wantedAt).toBeLessThanOrEqual(100);
    expect(wantedAt - at).toBeLessThanOrEqual(waitMs < 10_000 ? 100 : 1000);
  }
  expect(clock.pending).toBe(0);
});

test('between two moments each comes as late as it may, and never sooner than it must', () => {
  const random = seededRandom(4);
  const { clock, wheel, taken, taker } = wheeling({ startAt: 12_345 });
  const wanted = new Map<string, { readonly least: number; readonly most: number; readonly isSoon: boolean }>();
  for (let n = 0; n < 500; n++) {
    const leastMs = random() * 30_000 - 500;
    const mostMs = leastMs + random() * 1000;
    const now = clock.monotonic();
    // What is due within two turns may come in the next one.
    const isSoon = leastMs < 200;
    wanted.set(`${n}`, { least: now + leastMs, most: now + mostMs, isSoon });
    wheel.addBetween(taker(`${n}`), leastMs, mostMs);
    clock.advance(random() * 50);
  }
  clock.advance(32_000);
  expect(taken).toHaveLength(500);
  for (const { name, at } of taken) {
    const { least = 0, most = 0, isSoon } = wanted.get(name) ?? {};
    expect(at).toBeGreaterThanOrEqual(least);
    expect(most - at).toBeLessThan(100);
    if (isSoon !== true) expect(at - most).toBeLessThanOrEqual(most - least >= 100 ? 0 : 100);
  }
});

test('what is asked for again and again keeps its distance, wherever in a turn it is taken', () => {
  const { clock, wheel, taker, at } = wheeling({ everyMs: 1000, startAt: 50 });
  const its = taker('a');
  wheel.add(its, 0);
  clock.advance(3200);
  expect(at()).toEqual([100, 1100, 2100, 3100]);
  wheel.remove(its, its.turn);
  expect(clock.pending).toBe(0);
});

test('those that wait long come together, 15 s apart to the millisecond, wherever they began', () => {
  const { clock, wheel, taken, taker } = wheeling({ everyMs: 15_000, startAt: 50 });
  for (let n = 0; n < 60; n++) wheel.add(taker(`${n}`), n * 250);
  clock.advance(60_000);
  const from = (start: number) =>
    new Map(taken.filter(({ at }) => at >= start && at < start + 15_000).map(({ name, at }) => [name, at - start]));
  expect(from(30_000)).toEqual(from(45_000));
  expect(from(30_000).size).toBe(60);
  expect(new Set(from(30_000).values()).size).toBe(15);
});

test('one that is removed is not taken, and the last one leaves no timer behind', () => {
  const { clock, wheel, taker, at } = wheeling();
  const [gone, stays] = [taker('gone'), taker('stays')];
  const turn = wheel.add(gone, 1000);
  wheel.add(stays, 1000);
  wheel.remove(gone, turn);
  wheel.remove(gone, turn);
  clock.advance(2000);
  expect(at()).toEqual([1000]);
  expect(clock.pending).toBe(0);
});

test('a turn has one timer, be the moment no whole millisecond', () => {
  const { clock, wheel, taker } = wheeling({ everyMs: 1000 });
  clock.advance(0.7);
  wheel.add(taker('a'), 1000);
  const waits: number[] = [];
  const after = clock.after.bind(clock);
  clock.after = (ms, callback) => (waits.push(ms), after(ms, callback));
  clock.advance(1000);
  expect(waits.length).toBeLessThanOrEqual(10);
  for (const ms of waits) expect(Number.isInteger(ms)).toBe(true);
});

test('one timer serves all', () => {
  const { clock, wheel, taker } = wheeling({ everyMs: 15_000 });
  for (let n = 0; n < 100; n++) wheel.add(taker(`${n}`), n * 150);
  clock.advance(40_000);
  expect(clock.pending).toBe(1);
});

describe('many that are due together', () => {
  test('are taken half a millisecond at a time, the sockets are read in between, and none is missed or taken twice', async () => {
    const { clock, wheel, taken, taker } = wheeling({ costMs: 0.125 });
    for (let n = 0; n < 11; n++) wheel.add(taker(`${n}`), 1000);
    clock.advance(1000);
    expect(taken).toHaveLength(4);
    await settled();
    await settled();
    expect(taken.map(({ name }) => Number(name)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 11 }, (_, n) => n),
    );
    expect(clock.pending).toBe(0);
  });

  test('may be removed while they wait for their slice', async () => {
    const { clock, wheel, taken, taker } = wheeling({ costMs: 0.25 });
    const all = Array.from({ length: 6 }, (_, n) => taker(`${n}`));
    const turns = all.map((one) => wheel.add(one, 1000));
    clock.advance(1000);
    expect(taken).toHaveLength(2);
    for (const [n, one] of all.entries()) if (n < 3) wheel.remove(one, turns[n] ?? 0);
    await settled();
    await settled();
    expect(taken.map(({ name }) => name)).toEqual(['5', '4', '3']);
    expect(clock.pending).toBe(0);
  });
});

test('one of several that are due together is removed, whichever it is, and the others are not', () => {
  for (const removed of [0, 1, 2]) {
    const { clock, wheel, taken, taker } = wheeling();
    const all = Array.from({ length: 3 }, (_, n) => taker(`${n}`));
    const turns = all.map((one) => wheel.add(one, 1000));
    const [one] = all.slice(removed);
    if (one !== undefined) for (let times = 0; times < 2; times++) wheel.remove(one, turns[removed] ?? 0);
    clock.advance(2000);
    expect(taken.map(({ name }) => Number(name)).toSorted((a, b) => a - b)).toEqual(
      [0, 1, 2].filter((n) => n !== removed),
    );
    expect(clock.pending).toBe(0);
  }
});

test('after the event loop was held up all that fell due is taken once', async () => {
  const { clock, wheel, at, taker } = wheeling({ everyMs: 1000 });
  wheel.add(taker('a'), 1000);
  wheel.add(taker('b'), 2500);
  clock.stall(10_000);
  await settled();
  expect(at()).toEqual([10_000, 10_000]);
  clock.advance(1000);
  expect(at()).toEqual([10_000, 10_000, 11_000, 11_000]);
});

test('one that is asked for again at once comes in a later turn, and is not lost', async () => {
  const { clock, wheel, taken } = wheeling();
  const its = {
    due(): void {
      taken.push({ name: 'a', at: clock.monotonic() });
      clock.stall(1); // else a fault would never end
      if (taken.length < 4) wheel.add(its, 0);
    },
  };
  wheel.add(its, 0);
  for (let turns = 0; turns < 10; turns++) {
    clock.advance(100);
    await settled();
  }
  expect(taken).toHaveLength(4);
  for (const [n, { at }] of taken.entries()) expect(at - (taken[n - 1]?.at ?? 0)).toBeGreaterThanOrEqual(99);
});

test('a slice that is over leaves no second timer', async () => {
  const { clock, wheel, taker } = wheeling({ everyMs: 1000, costMs: 0.25 });
  const all = Array.from({ length: 6 }, (_, n) => taker(`${n}`));
  for (const one of all) one.turn = wheel.add(one, 1000);
  clock.advance(1000);
  expect(clock.pending).toBe(0); // the sockets are read first
  await settled();
  await settled();
  expect(clock.pending).toBe(1);
  for (const one of all) wheel.remove(one, one.turn);
  expect(clock.pending).toBe(0);
});
