import { expect, test } from 'vitest';
import { defaultAnswerTimeoutMs } from '../../../src/settings/heartbeat.ts';

test.each([
  { intervalMs: 2000, timeoutMs: 2000 },
  { intervalMs: 5000, timeoutMs: 5000 },
  { intervalMs: 10_000, timeoutMs: 5000 },
])('an answer to a heartbeat each $intervalMs ms may take $timeoutMs ms', ({ intervalMs, timeoutMs }) => {
  expect(defaultAnswerTimeoutMs(intervalMs)).toBe(timeoutMs);
});
