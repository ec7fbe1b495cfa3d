import { expect, test } from 'vitest';
import { toSeconds } from '../../../src/text/seconds.ts';

test.each([
  [0, 0],
  [1500, 1.5],
  [0.5, 0.0005],
  [2503.716116, 2.503716],
  [2.63309, 0.002633],
  [0.0004, 0],
  [0.0005, 0.000001],
  [1_767_323_045_678, 1_767_323_045.678],
])('%f ms are %f s: to the microsecond, without noise in the last digits', (milliseconds, seconds) => {
  expect(toSeconds(milliseconds)).toBe(seconds);
});
