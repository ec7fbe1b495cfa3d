import { describe, expect, test } from 'vitest';
import { median, mostWithin, percentile, spreadOf } from '../../support/statistics.ts';

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100, 1000], 55],
])('the median of %j is %d', (list, expected) => {
  expect(median(list)).toBe(expected);
});

test('nothing has no median and no percentile', () => {
  expect(median([])).toBeNaN();
  expect(percentile([], 0.5)).toBeNaN();
});

test.each([
  [0, 1],
  [0.5, 50],
  [0.501, 51],
  [0.99, 99],
  [1, 100],
])('of 1 to 100, a share of %d does not exceed %d', (share, expected) => {
  const list = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(list, share)).toBe(expected);
});

test('figures of different length are sorted as numbers', () => {
  expect(percentile([9, 100, 10], 1)).toBe(100);
  expect(percentile([9, 100, 10], 0)).toBe(9);
});

describe('the most moments in a window', () => {
  test('counts both ends of a burst, in any order', () => {
    expect(mostWithin([500, 10, 20, 90, 505], 100)).toBe(3);
  });
  test('a window does not contain its own end', () => {
    expect(mostWithin([0, 100], 100)).toBe(1);
    expect(mostWithin([0, 99.9], 100)).toBe(2);
  });
  test('a burst across the boundary of two windows is one burst', () => {
    expect(mostWithin([95, 99, 101, 105], 100)).toBe(4);
  });
  test('nothing happened', () => {
    expect(mostWithin([], 100)).toBe(0);
  });
});

test('the spread of repeats', () => {
  expect(spreadOf([3, 1, 8])).toEqual({ median: 3, min: 1, max: 8, count: 3 });
});
