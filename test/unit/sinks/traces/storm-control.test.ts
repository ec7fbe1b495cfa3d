import { expect, test } from 'vitest';

import { createStormControl } from '../../../../src/sinks/traces/storm-control.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const limits = { perSecond: 10, burst: 100, reserve: 20 };

function admitted(storm: (spans: number, important: boolean) => boolean, spans: number, important: boolean): number {
  let count = 0;
  while (count < 1000 && storm(spans, important)) count += spans;
  return count;
}

test('a burst passes, then the rate', () => {
  const clock = createFakeClock();
  const storm = createStormControl(limits, clock.monotonic);
  expect(admitted(storm, 1, true)).toBe(100);
  clock.advance(1000);
  expect(admitted(storm, 1, true)).toBe(10);
  clock.advance(3_600_000); // an hour of quiet saves no more than one burst
  expect(admitted(storm, 1, true)).toBe(100);
});

test('clean ends and connects leave room for what people are paged for', () => {
  const storm = createStormControl(limits, createFakeClock().monotonic);
  expect(admitted(storm, 4, false)).toBe(80);
  expect(admitted(storm, 4, true)).toBe(20);
});
