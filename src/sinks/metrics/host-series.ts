import type { HostCounts } from '../../domain/host-counts.ts';
import type { MetricName } from './metric-catalogue.ts';
import { samplesText } from './ordinary-metric.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

/** What this host itself does to connections, as it was read last; without a sample where this system does not say it. */
export function hostFamilies(counts: () => HostCounts): readonly SlicedFamily[] {
  const counter = (name: MetricName, valueOf: (counts: HostCounts) => number | null | undefined): SlicedFamily =>
    slicedFamily(name, (format) => {
      const value = valueOf(counts());
      const samples = value === null || value === undefined ? [] : [{ labels: {}, value }];
      return [samplesText({ name, samples }, format)];
    });
  return [
    counter('finrst_host_softnet_dropped_total', ({ softnetDrops }) => softnetDrops),
    counter('finrst_host_tcp_abort_on_timeout_total', ({ tcp }) => tcp?.abortsOnTimeout),
    counter('finrst_host_listen_drops_total', ({ tcp }) => tcp?.listenDrops),
    counter('finrst_host_tcp_retransmits_total', ({ tcp }) => tcp?.retransmits),
  ];
}
