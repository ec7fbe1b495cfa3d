import { assert, array, boolean, double, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { afterConnection, type Backoff, FRESH_BACKOFF, nextDelay } from '../../../src/domain/backoff.ts';
import { isPowerOfTwo } from '../../../src/domain/is-power-of-two.ts';

const reconnect = { initialMs: 1000, maxMs: 60_000 };
const series = (n: number, random: number): number[] => {
  const delays: number[] = [];
  let backoff: Backoff = FRESH_BACKOFF;
  for (let i = 0; i < n; i++) {
    backoff = nextDelay(backoff, reconnect, random);
    delays.push(backoff.lastDelayMs);
  }
  return delays;
};

test('the ceiling doubles up to the longest wait', () => {
  expect(series(9, 1)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('full jitter takes any share of it', () => {
  expect(series(3, 0.5)).toEqual([500, 1000, 2000]);
  expect(series(3, 0)).toEqual([0, 0, 0]);
});

test('a connection that outlived the last delay starts the series over', () => {
  const backoff = { series: 5, lastDelayMs: 8000 };
  expect(afterConnection(backoff, 8001)).toBe(FRESH_BACKOFF);
  expect(afterConnection(backoff, 8000)).toBe(backoff);
});

test('a connection younger than a second never does, however short the last delay was', () => {
  const backoff = { series: 3, lastDelayMs: 1 };
  expect(afterConnection(backoff, 999)).toBe(backoff);
  expect(afterConnection(backoff, 1000)).toBe(FRESH_BACKOFF);
});

test('whatever happens, a wait is within 0 and the longest', () => {
  assert(
    property(
      array(boolean()),
      array(nat(120_000)),
      double({ min: 0, max: 1, noNaN: true }),
      (failed, lives, random) => {
        let backoff: Backoff = FRESH_BACKOFF;
        failed.forEach((isFailure, i) => {
          if (!isFailure) backoff = afterConnection(backoff, lives[i] ?? 0);
          backoff = nextDelay(backoff, reconnect, random);
          expect(backoff.lastDelayMs).toBeGreaterThanOrEqual(0);
          expect(backoff.lastDelayMs).toBeLessThanOrEqual(reconnect.maxMs);
        });
      },
    ),
  );
});

test('of failures in a row the 1st, 2nd, 4th, 8th, ... are told', () => {
  const told = Array.from({ length: 20 }, (_, i) => i).filter(isPowerOfTwo);
  expect(told).toEqual([1, 2, 4, 8, 16]);
});
