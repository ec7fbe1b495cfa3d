import { expect, test } from 'vitest';
import { readableBytes, readableDuration } from '../../../src/text/figures.ts';

test.each([
  [0, '0.00 ms'],
  [0.424, '0.42 ms'],
  [9.99, '9.99 ms'],
  [10, '10.0 ms'],
  [42.04, '42.0 ms'],
  [100, '100 ms'],
  [999.4, '999 ms'],
  [999.5, '1.0 s'],
  [999.6, '1.0 s'],
  [59_940, '59.9 s'],
  [59_950, '1 m 0 s'],
  [59_960, '1 m 0 s'],
  [754_000, '12 m 34 s'],
  [3_599_600, '1 h 0 m'],
  [3_661_000, '1 h 1 m'],
  [86_400_000, '1 d 0 h'],
  [90_000_000, '1 d 1 h'],
])('%d ms is %s', (milliseconds, text) => {
  expect(readableDuration(milliseconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [128_000, '128 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [4_060_000, '4.06 MB'],
  [999_499_999, '999 MB'],
  [999_500_000, '1.00 GB'],
  [1_500_000_000, '1.50 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(readableBytes(bytes)).toBe(text);
});
