import { expect, test } from 'vitest';
import { timestamp } from '../../../src/text/timestamp.ts';

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [Date.UTC(2026, 1, 3, 4, 5, 6, 7), '2026-02-03T04:05:06.007Z'],
])('%d is %s', (at, written) => {
  expect(timestamp(at)).toBe(written);
});
