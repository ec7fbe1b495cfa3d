import { expectTypeOf, test } from 'vitest';
import type { LabelsOf, MetricName } from '../../../../src/sinks/metrics/metric-catalogue.ts';
import { ordinaryCounter, ordinaryGauge } from '../../../../src/sinks/metrics/ordinary-metric.ts';
import { TracedHistogram } from '../../../../src/sinks/metrics/traced-metric.ts';

test('a metric takes exactly the labels that the catalogue gives it', () => {
  expectTypeOf<LabelsOf<'finrst_local_closes_total'>>().toEqualTypeOf<Readonly<Record<'group' | 'reason', string>>>();
  expectTypeOf<LabelsOf<'finrst_kernel_evidence'>>().toEqualTypeOf<Readonly<Record<never, string>>>();
  expectTypeOf<'finrst_peer_up'>().toExtend<MetricName>();
  expectTypeOf<'finrst_peer_upp'>().not.toExtend<MetricName>();
});

/** Never called: it only has to fail to compile where it says so, which the type check of the tests holds. */
export function wrongUses(): void {
  // @ts-expect-error -- a name that is not in the catalogue
  ordinaryCounter('finrst_no_such_total');
  const scrapes = ordinaryCounter('finrst_scrapes_total');
  scrapes.inc({ outcome: 'ok' });
  // @ts-expect-error -- a label that the family does not have
  scrapes.inc({ outcome: 'ok', group: 'a' });
  const peers = ordinaryGauge('finrst_peers');
  // @ts-expect-error -- a label is missing
  peers.set({ group: 'a' }, 1);
  const age = new TracedHistogram('finrst_connection_duration_seconds');
  // @ts-expect-error -- `reason` is no label of a duration
  age.series({ group: 'a', reason: 'fin' });
}
