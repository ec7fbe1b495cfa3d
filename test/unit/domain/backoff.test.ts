import { assert, double, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { nextDelayMs, waitsAfterConnection } from '../../../src/domain/backoff.ts';
import { isPowerOfTwo } from '../../../src/domain/is-power-of-two.ts';

const reconnect = { initialMs: 1000, maxMs: 60_000 };
const delays = (n: number, random: number): number[] =>
  Array.from({ length: n }, (_, waits) => nextDelayMs(waits, reconnect, random));

test('the ceiling doubles up to the longest wait', () => {
  expect(delays(9, 1)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('full jitter takes any share of it', () => {
  expect(delays(3, 0.5)).toEqual([500, 1000, 2000]);
  expect(delays(3, 0)).toEqual([0, 0, 0]);
});

test.each([
  { livedMs: 15_000, isOurChoice: false, waits: 0, so: 'one that lived 15 s starts the series over' },
  { livedMs: 14_999, isOurChoice: false, waits: 5, so: 'a younger one goes on with it' },
  { livedMs: 1, isOurChoice: true, waits: 0, so: 'one that we chose to end starts it over' },
])('a connection: $so', ({ livedMs, isOurChoice, waits }) => {
  expect(waitsAfterConnection(5, { livedMs, isOurChoice })).toBe(waits);
});

test('however many waits there were, a wait is within 0 and the longest', () => {
  assert(
    property(nat(), double({ min: 0, max: 1, noNaN: true }), (waits, random) => {
      const delayMs = nextDelayMs(waits, reconnect, random);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(reconnect.maxMs);
    }),
  );
});

test('of failures in a row the 1st, 2nd, 4th, 8th, ... are told', () => {
  const told = Array.from({ length: 20 }, (_, i) => i).filter(isPowerOfTwo);
  expect(told).toEqual([1, 2, 4, 8, 16]);
});
