import { expect, test } from 'vitest';
import { EndSlots } from '../../../../src/sinks/status/end-slots.ts';

const MINUTE = 60_000;
const NOON = 1_796_040_000_000;

test('each kind counts by itself, for an hour in slots of 5 minutes', () => {
  const slots = new EndSlots(['a', 'b'], NOON);
  slots.add('a', NOON);
  slots.add('b', NOON + 5 * MINUTE);
  slots.add('b', NOON + 59 * MINUTE);
  expect([slots.sum('a', NOON + 59 * MINUTE), slots.sum('b', NOON + 59 * MINUTE)]).toEqual([1, 2]);
  expect([slots.sum('a', NOON + 60 * MINUTE), slots.sum('b', NOON + 60 * MINUTE)]).toEqual([0, 2]);
  expect(slots.sum('b', NOON + 64 * MINUTE)).toBe(2);
  expect(slots.sum('b', NOON + 65 * MINUTE)).toBe(1);
  expect(slots.sum('b', NOON + 24 * 60 * MINUTE)).toBe(0);
  slots.add('a', NOON + 24 * 60 * MINUTE);
  expect(slots.sum('a', NOON + 24 * 60 * MINUTE)).toBe(1);
});

test('what is counted begins with the oldest slot: 55 to 60 minutes back', () => {
  for (const minutes of [0, 1, 4.99, 5, 59]) {
    const now = NOON + minutes * MINUTE;
    const since = EndSlots.since(now);
    expect(now - since).toBeGreaterThanOrEqual(55 * MINUTE);
    expect(now - since).toBeLessThan(60 * MINUTE);
    const slots = new EndSlots(['a'], since - MINUTE);
    slots.add('a', since - 1);
    slots.add('a', since);
    expect(slots.sum('a', now)).toBe(1);
  }
});

test('a clock that was set back loses nothing', () => {
  const slots = new EndSlots(['a'], NOON);
  slots.add('a', NOON + 30 * MINUTE);
  slots.add('a', NOON);
  expect(slots.sum('a', NOON)).toBe(2);
  slots.add('a', NOON + 31 * MINUTE);
  expect(slots.sum('a', NOON + 31 * MINUTE)).toBe(3);
});
