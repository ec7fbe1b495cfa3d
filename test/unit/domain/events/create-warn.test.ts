import { expect, test } from 'vitest';
import { createWarn } from '../../../../src/domain/events/create-warn.ts';
import type { Warned } from '../../../../src/domain/events/process-events.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('trouble is published with the wall clock of the moment of the call', () => {
  const clock = createFakeClock(5000);
  const published: Warned[] = [];
  const warn = createWarn((event) => void published.push(event), clock);
  warn('warn', 'a file is large', { path: '/x', bytes: 9 });
  clock.advance(20);
  warn('error', 'a disk is full', {});
  expect(published).toStrictEqual([
    { type: 'warned', at: 5000, level: 'warn', message: 'a file is large', fields: { path: '/x', bytes: 9 } },
    { type: 'warned', at: 5020, level: 'error', message: 'a disk is full', fields: {} },
  ]);
});

test('without fields the event has none, not even an undefined one: it is written as JSON and compared', () => {
  const published: Warned[] = [];
  createWarn((event) => void published.push(event), { now: () => 7 })('error', 'something failed');
  expect(published).toStrictEqual([{ type: 'warned', at: 7, level: 'error', message: 'something failed' }]);
});
