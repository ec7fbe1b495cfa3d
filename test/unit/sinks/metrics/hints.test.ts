import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { linesOf, metricsAfter } from '../../../support/metrics-reader.ts';
import { disconnectedEvent, explainedEvent } from '../../../support/sample-finrst-events.ts';

const { group } = disconnectedEvent.peer;
const added: FinrstEvent = { type: 'groupAdded', at: 1, group, tls: false, expectsAnswer: false, canAnnounce: true };
const dead = { ...disconnectedEvent, hint: { name: 'path_dead' } } as const;

test('hints are counted by word; a word that was never given has no series', async () => {
  const metrics = metricsAfter([added, dead, disconnectedEvent, dead, { ...dead, hint: { name: 'frozen_peer' } }]);
  expect(await linesOf(metrics, 'finrst_hints_total')).toEqual([
    `finrst_hints_total{group="${group}",hint="path_dead"} 2`,
    `finrst_hints_total{group="${group}",hint="frozen_peer"} 1`,
  ]);
});

test('what is learned after an end is counted once, under its own word', async () => {
  const metrics = metricsAfter([added, dead, explainedEvent]);
  expect(await linesOf(metrics, 'finrst_hints_total')).toEqual([
    `finrst_hints_total{group="${group}",hint="path_dead"} 1`,
    `finrst_hints_total{group="${group}",hint="announced"} 1`,
  ]);
});

test('the series of a group go with it', async () => {
  const metrics = metricsAfter([added, dead, { type: 'groupRemoved', at: 1, group }, dead]);
  expect(await linesOf(metrics, 'finrst_hints_total')).toEqual([]);
});
