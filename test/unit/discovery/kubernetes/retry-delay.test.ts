import { expect, test } from 'vitest';
import { RetryDelay } from '../../../../src/discovery/kubernetes/retry-delay.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('delays double from 0.8 s to 30 s', () => {
  const retry = new RetryDelay(createFakeClock(), () => 0);
  expect(Array.from({ length: 8 }, () => retry.next())).toEqual([
    800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000,
  ]);
});

test('chance adds up to as much again', () => {
  expect(new RetryDelay(createFakeClock(), () => 0.999).next()).toBeCloseTo(1599, 0);
});

test('two minutes without a failure are forgotten, one millisecond less is not', () => {
  const clock = createFakeClock();
  const retry = new RetryDelay(clock, () => 0);
  retry.next();
  clock.advance(120_000);
  expect(retry.next()).toBe(1600);
  clock.advance(120_001);
  expect(retry.next()).toBe(800);
});
