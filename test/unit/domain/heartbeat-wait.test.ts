import { expect, test } from 'vitest';
import { heartbeatWaitMs } from '../../../src/domain/heartbeat-wait.ts';

test.each([
  { when: 'no answer is needed', timeoutMs: null, random: 0, wait: 10_000 },
  { when: 'no answer is needed', timeoutMs: null, random: 0.5, wait: 9000 },
  { when: 'no answer is needed', timeoutMs: null, random: 1, wait: 8000 },
  { when: 'an answer has less time than the shortest wait', timeoutMs: 5000, random: 1, wait: 8000 },
  { when: 'an answer has more time', timeoutMs: 9000, random: 1, wait: 9000 },
  { when: 'an answer has more time', timeoutMs: 9000, random: 0.5, wait: 9500 },
  { when: 'an answer has the whole interval', timeoutMs: 10_000, random: 1, wait: 10_000 },
])('where $when, chance $random of a 10 s interval is $wait ms', ({ timeoutMs, random, wait }) => {
  expect(heartbeatWaitMs({ intervalMs: 10_000, timeoutMs }, random)).toBe(wait);
});
