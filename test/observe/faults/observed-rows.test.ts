import { describe, expect, test } from 'vitest';
import type { TwinEnd } from '../../lab/twins.ts';
import { judgeObserved, observedDisagreements } from './observed-rows.ts';
import type { ObservedLine } from '../../lab/observing.ts';

const line = (msg: string, more: Partial<ObservedLine> = {}): ObservedLine => ({
  msg: `observed connection ${msg}`,
  group: 'g',
  address: '10.90.1.61:7000',
  local: '10.77.1.2:40000',
  ...more,
});
const begun = line('established');
const reset = line('ended', { class: 'error', reason: 'reset', errno: 'ECONNRESET' });
const fin = line('ended', { class: 'eof', reason: 'fin' });
const got = (what: string, outstanding = 0): TwinEnd => ({
  k: 0,
  what,
  at: 0,
  outstanding,
  unsent: 0,
  retransmits: 0,
  probes: 0,
});
const timeout = (reason: string): ObservedLine => line('ended', { class: 'error', reason, errno: 'ETIMEDOUT' });

describe('the judge of observed ends finds none', () => {
  test.each([
    { when: 'the end is what the process got', end: got('ECONNRESET'), lines: [begun, reset] },
    { when: 'it was found, and closed by its peer', end: got('eof'), lines: [line('found'), fin] },
    { when: 'a write was lost', end: got('ETIMEDOUT', 5), lines: [begun, timeout('retransmit_timeout')] },
    { when: 'a probe was lost', end: got('ETIMEDOUT'), lines: [begun, timeout('keepalive_timeout')] },
    { when: 'it stays', end: null, lines: [begun] },
  ])('where $when', ({ end, lines }) => expect(judgeObserved(end, lines).faults).toEqual([]));
});

describe('the judge of observed ends finds fault', () => {
  test.each([
    { when: 'the end is missing', end: got('eof'), lines: [begun] },
    { when: 'the reason is another one', end: got('ETIMEDOUT', 5), lines: [begun, timeout('keepalive_timeout')] },
    { when: 'the errno is another one', end: got('ECONNRESET'), lines: [begun, { ...reset, errno: 'EPIPE' }] },
    { when: 'there is an errno that nobody got', end: got('eof'), lines: [begun, { ...fin, errno: 'EPIPE' }] },
    { when: 'it ends twice', end: got('eof'), lines: [begun, fin, fin] },
    { when: 'it begins twice', end: got('eof'), lines: [begun, begun, fin] },
    { when: 'nobody saw it begin', end: got('eof'), lines: [fin] },
    { when: 'it ends and its process still has it', end: null, lines: [begun, reset] },
    { when: 'nobody saw how it went', end: null, lines: [begun, line('is gone, and nobody saw how')] },
  ])('where $when', ({ end, lines }) => expect(judgeObserved(end, lines).faults).not.toEqual([]));
});

test('counters that say something else than the log are found, and so is a loss', () => {
  const counted = new Map([
    ['finrst_observed_ends_by_reason_total{group="g",class="eof",reason="fin"}', 1],
    ['finrst_observer_lost_events_total', 0],
    ['finrst_observer_lost_ends_total', 0],
  ]);
  expect(observedDisagreements({ lines: [begun, fin], metrics: counted })).toEqual([]);
  expect(observedDisagreements({ lines: [begun, fin, fin], metrics: counted })).toHaveLength(1);
  const lossy = new Map([...counted, ['finrst_observer_lost_events_total', 3]]);
  expect(observedDisagreements({ lines: [begun, fin], metrics: lossy })).toHaveLength(1);
});
