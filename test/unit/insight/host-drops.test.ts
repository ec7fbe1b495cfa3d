import { expect, test } from 'vitest';
import { HostDrops } from '../../../src/insight/host-drops.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function dropping(first: number | null = 100) {
  const clock = createFakeClock();
  let total = first;
  let reads = 0;
  const drops = new HostDrops(clock, () => {
    reads += 1;
    return total;
  });
  drops.start();
  return { clock, drops, reads: () => reads, set: (value: number | null) => (total = value) };
}

test('what was dropped before it was first looked at counts for nothing', () => {
  const { clock, drops } = dropping(245_595);
  clock.advance(60_000);
  expect(drops.since(clock.now() - 30_000)).toBe(0);
});

test('drops count for what waited while they happened, and no more for what began after', () => {
  const { clock, drops, set } = dropping();
  clock.advance(20_000);
  set(107);
  clock.advance(5000);
  const after = clock.now();
  clock.advance(40_000);
  expect(drops.since(after - 20_000)).toBe(7);
  expect(drops.since(after + 1)).toBe(0);
});

test('it looks anew for an end, once for all that come together', () => {
  const { clock, drops, set, reads } = dropping();
  const began = clock.now();
  clock.advance(1000);
  set(103);
  expect(drops.since(began)).toBe(3);
  const looks = reads();
  set(105);
  for (let count = 0; count < 1000; count += 1) drops.since(began);
  expect(reads()).toBe(looks);
  clock.advance(100);
  expect(drops.since(began)).toBe(5);
});

test('nothing is known where there is no such file', () => {
  const { clock, drops } = dropping(null);
  clock.advance(60_000);
  expect(drops.since(0)).toBe(0);
});

test('it looks no more when it is stopped', () => {
  const { clock, drops, reads } = dropping();
  clock.advance(10_000);
  drops.stop();
  const looks = reads();
  clock.advance(60_000);
  expect(reads()).toBe(looks);
});

test('a host that drops all the time is remembered for a while only, and then too few are counted', () => {
  const { clock, drops, set } = dropping(0);
  for (let total = 1; total <= 300; total += 1) {
    set(total);
    clock.advance(5000);
  }
  expect(drops.since(0)).toBe(199);
});

test('each dropped packet explains one unanswered packet of one end', () => {
  const { clock, drops, set } = dropping();
  const began = clock.now();
  clock.advance(20_000);
  set(107);
  clock.advance(5000);
  expect([1, 2, 3].map(() => drops.explain(began, 3))).toEqual([7, 7, 0]);
  expect(drops.explain(began, 1)).toBe(7);
  expect(drops.explain(began, 1)).toBe(0);
  clock.advance(60_000);
  set(110);
  clock.advance(5000);
  // What explained ends of before takes nothing from what was dropped since.
  expect(drops.explain(clock.now() - 30_000, 3)).toBe(3);
  expect(drops.explain(clock.now() - 30_000, 1)).toBe(0);
});

test('a storm of ends is explained as far as drops suffice, and no further', () => {
  const { clock, drops, set } = dropping();
  const began = clock.now();
  clock.advance(10_000);
  set(100 + 9000);
  clock.advance(5000);
  let explained = 0;
  for (let end = 0; end < 15_000; end += 1) {
    if (end % 15 === 0) clock.advance(1);
    if (drops.explain(began, 3) > 0) explained += 1;
  }
  expect(explained).toBe(3000);
});
