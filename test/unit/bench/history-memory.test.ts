import { expect, test } from 'vitest';
import { measureHistories } from '../../bench/history-memory.ts';

test('what is kept of a peer for its page takes at most a kilobyte, its last failed attempt included', () => {
  const { atRest, full } = measureHistories(15_000);
  // 328 and 986 where nothing else runs; other files may leave something to collect.
  expect(atRest).toBeLessThanOrEqual(380);
  expect(full).toBeLessThanOrEqual(1024);
});
