import { expect, test } from 'vitest';
import { TokenBucket } from '../../../src/clock/token-bucket.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('a bucket gives its burst at once and then one token each interval', () => {
  const clock = createFakeClock();
  const bucket = new TokenBucket(clock, { intervalMs: 1000, burst: 3 });
  const take = (count: number) => Array.from({ length: count }, () => bucket.take());
  expect(take(4)).toEqual([true, true, true, false]);
  clock.advance(999);
  expect(take(1)).toEqual([false]);
  clock.advance(1);
  expect(take(2)).toEqual([true, false]);
});

test('a bucket that rests for long holds no more than its burst', () => {
  const clock = createFakeClock();
  const bucket = new TokenBucket(clock, { intervalMs: 10, burst: 2 });
  clock.advance(1_000_000);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});

test('several tokens are taken all or none, and a reserve is left to others', () => {
  const bucket = new TokenBucket(createFakeClock(), { intervalMs: 1000, burst: 10 });
  expect(bucket.take(7, 4)).toBe(false);
  expect(bucket.take(6, 4)).toBe(true);
  expect(bucket.take(1, 4)).toBe(false);
  expect(bucket.take(5)).toBe(false);
  expect(bucket.take(4)).toBe(true);
  expect(bucket.take()).toBe(false);
});
