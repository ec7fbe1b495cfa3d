import { expect, test } from 'vitest';
import { linesOf, metricsAfter } from '../../../support/metrics-reader.ts';

const configured = {
  type: 'sourcesConfigured',
  at: 1,
  group: 'redis',
  sources: [{ id: 1, mechanism: 'kubernetes' }],
} as const;

test('without targets from Kubernetes there is no series about it', async () => {
  const metrics = metricsAfter([{ ...configured, sources: [{ id: 1, mechanism: 'static' }] }]);
  expect(await linesOf(metrics, 'finrst_sd_kubernetes_requests_total')).toEqual([]);
  expect(await linesOf(metrics, 'finrst_sd_kubernetes_events_total')).toEqual([]);
});

test('with them each outcome and each change begins at 0', async () => {
  const metrics = metricsAfter([configured, configured]);
  const requests = await linesOf(metrics, 'finrst_sd_kubernetes_requests_total');
  expect(requests.length).toBe(3 * 2 * 7);
  expect(requests.every((line) => line.endsWith(' 0'))).toBe(true);
  expect((await linesOf(metrics, 'finrst_sd_kubernetes_events_total')).length).toBe(3 * 3);
});

test('requests are counted by outcome and objects by what happened to them, also after a reload', async () => {
  const request = { type: 'apiRequested', at: 2, resource: 'pods', verb: 'watch', outcome: 'forbidden' } as const;
  const change = { type: 'objectChanged', at: 2, resource: 'pods', event: 'delete' } as const;
  const metrics = metricsAfter([configured, request, request, change, configured]);
  expect(await linesOf(metrics, 'finrst_sd_kubernetes_requests_total')).toContain(
    'finrst_sd_kubernetes_requests_total{resource="pods",verb="watch",outcome="forbidden"} 2',
  );
  expect(await linesOf(metrics, 'finrst_sd_kubernetes_events_total')).toContain(
    'finrst_sd_kubernetes_events_total{resource="pods",event="delete"} 1',
  );
});
