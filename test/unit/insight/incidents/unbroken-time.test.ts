import { expect, test } from 'vitest';
import { UnbrokenTime } from '../../../../src/insight/incidents/unbroken-time.ts';

test('goes on from where it was when the clock is set back, and is given back by the clock as it is set', () => {
  const time = new UnbrokenTime();
  expect(time.from(1_000_000)).toBe(1_000_000);
  expect(time.from(400_000)).toBe(1_000_000);
  expect(time.from(401_000)).toBe(1_001_000);
  expect(time.toWall(1_001_000)).toBe(401_000);
});

test('takes events that are a little out of order for what they are', () => {
  const time = new UnbrokenTime();
  time.from(1_000_000);
  expect(time.from(970_000)).toBe(970_000);
  expect(time.from(1_000_001)).toBe(1_000_001);
  expect(time.toWall(5)).toBe(5);
});

test('keeps no step that the clock goes forward', () => {
  const time = new UnbrokenTime();
  time.from(1_000_000);
  expect(time.from(9_000_000)).toBe(9_000_000);
});
