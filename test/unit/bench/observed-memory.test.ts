import { expect, test } from 'vitest';
import { measureObserved } from '../../bench/observed-memory.ts';

test('100,000 known connections of other processes take less than 60 MB', () => {
  expect(measureObserved(100_000)).toBeLessThan(600);
});
