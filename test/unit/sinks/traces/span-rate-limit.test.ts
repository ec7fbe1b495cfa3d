import { expect, test } from 'vitest';

import { createSpanRateLimit, type SpanRateLimit } from '../../../../src/sinks/traces/span-rate-limit.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const rates = { perSecond: 10, burst: 100, reserve: 20 };

function admitted(isAllowed: SpanRateLimit, spans: number, important: boolean): number {
  let count = 0;
  while (count < 1000 && isAllowed(spans, important)) count += spans;
  return count;
}

test('a burst passes, then the rate', () => {
  const clock = createFakeClock();
  const isAllowed = createSpanRateLimit(rates, clock);
  expect(admitted(isAllowed, 1, true)).toBe(100);
  clock.advance(1000);
  expect(admitted(isAllowed, 1, true)).toBe(10);
  clock.advance(3_600_000); // an hour of quiet saves no more than one burst
  expect(admitted(isAllowed, 1, true)).toBe(100);
});

test('clean ends and connects leave room for what people are paged for', () => {
  const isAllowed = createSpanRateLimit(rates, createFakeClock());
  expect(admitted(isAllowed, 4, false)).toBe(80);
  expect(admitted(isAllowed, 4, true)).toBe(20);
});
