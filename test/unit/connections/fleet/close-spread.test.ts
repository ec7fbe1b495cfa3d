import { expect, test } from 'vitest';
import { CloseSpread } from '../../../../src/connections/fleet/close-spread.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('closes follow one another as fast as connects are made', () => {
  const closes = new CloseSpread(createFakeClock(), 50);
  expect([closes.next(), closes.next(), closes.next()]).toEqual([0, 20, 40]);
});

test('those of a second change are closed after those of the first', () => {
  const clock = createFakeClock();
  const closes = new CloseSpread(clock, 10);
  closes.next();
  closes.next();
  closes.next();
  clock.advance(50);
  expect(closes.next()).toBe(250);
  clock.advance(10_000);
  expect(closes.next()).toBe(0);
});

test('a changed rate holds for those that follow', () => {
  const closes = new CloseSpread(createFakeClock(), 10);
  closes.next();
  closes.setRate(1000);
  expect(closes.next()).toBe(1);
});
