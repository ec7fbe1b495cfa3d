import { expect, test } from 'vitest';
import { timestamp } from '../../../src/text/timestamp.ts';

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [Date.UTC(2026, 1, 3, 4, 5, 6, 7), '2026-02-03T04:05:06.007Z'],
])('%d is %s', (at, written) => {
  expect(timestamp(at)).toBe(written);
});

test('every moment is as the runtime writes it, whatever was asked for before', () => {
  const day = Date.UTC(2026, 11, 31, 23, 59, 59, 998);
  for (const at of [day, day + 1, day + 2, day, day - 999, day + 0.7, day + 60_000, 999, 1000, 1]) {
    expect(timestamp(at)).toBe(new Date(at).toISOString());
  }
});
