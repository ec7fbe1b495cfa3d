import { expect, test } from 'vitest';
import { MetricsSink } from '../../../../src/sinks/metrics/metrics-sink.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { incidentEvent } from '../../../support/sample-finrst-events.ts';
import { rendered, TEST_BUILD } from '../../../support/metrics-reader.ts';

test('an incident is active while it runs, and counted once, under its last scope, when it is over', async () => {
  const metrics = new MetricsSink({
    clock: createFakeClock(),
    build: TEST_BUILD,
    detail: 'full',
    histograms: 'by_class',
    kernelEvidence: true,
  });
  const publish = publishTo(metrics.sink);
  const samples = async (): Promise<Record<string, number>> => {
    const lines = (await rendered(metrics)).split('\n').filter((line) => line.startsWith('finrst_incident'));
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
  };
  const none = { group: 0, label: 0, prefix: 0, process: 0 };
  const expected = (active: number, counts: Partial<typeof none>) => ({
    finrst_incident_active: active,
    ...Object.fromEntries(
      Object.entries({ ...none, ...counts }).map(([scope, n]) => [`finrst_incidents_total{scope="${scope}"}`, n]),
    ),
  });
  expect(await samples()).toEqual(expected(0, {}));
  publish(incidentEvent);
  publish({ ...incidentEvent, id: '2' });
  expect(await samples()).toEqual(expected(2, {}));
  publish({ ...incidentEvent, scope: { kind: 'process', value: '' } });
  publish({ ...incidentEvent, state: 'over', scope: { kind: 'process', value: '' } });
  expect(await samples()).toEqual(expected(1, { process: 1 }));
  publish({ ...incidentEvent, scope: { kind: 'process', value: '' } });
  expect(await samples()).toEqual(expected(2, { process: 1 }));
  publish({ ...incidentEvent, state: 'over', scope: { kind: 'process', value: '' } });
  publish({ ...incidentEvent, id: '2', state: 'interrupted' });
  expect(await samples()).toEqual(expected(0, { process: 1, group: 1 }));
  metrics.stop();
});
