import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { ProcessEvent } from '../../domain/events/process-events.ts';
import type { SampleEvent } from '../../domain/events/sample-events.ts';
import { familyNamed } from './metric-catalogue.ts';
import { METRIC_DETAILS } from '../../settings/global-settings.ts';
import type { MetricDetail } from '../../settings/global-settings.ts';
import type { Sink } from '../../events/bus.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { createGroupSeries } from './group-series.ts';
import type { GroupSeries } from './group-series.ts';
import type { Clock } from '../../clock/clock.ts';
import { ordinaryFamily } from './ordinary-metric.ts';
import { createPeerSeries } from './peer-series.ts';
import type { PeerSeries } from './peer-series.ts';
import { createProcessSeries } from './process-series.ts';
import type { SpanCounts } from '../../domain/span-counts.ts';
import type { ProcessSeries } from './process-series.ts';
import { Registry } from './prom-client.ts';
import { renderFamilies } from './render-families.ts';
import { createOpenFds, runtimeMetrics } from './runtime-metrics.ts';
import { asMetric } from './sliced-family.ts';
import type { SlicedFamily } from './sliced-family.ts';
import type { BuildInfo } from '../../settings/build-info.ts';

export type MetricsSinkOptions = {
  readonly clock: Clock;
  readonly build: BuildInfo;
  readonly detail: MetricDetail;
  readonly kernelEvidence: boolean;
  /** Absent: tracing is off and all are 0. */
  readonly spanCounts?: () => SpanCounts;
  /** Absent: no journal, and no `finrst_last_run_clean`. */
  readonly lastRunClean?: boolean;
};

export type MetricsSink = {
  readonly sink: Sink;
  /** Shows more or fewer per-peer families from the next scrape on; all are counted always, so nothing is lost. */
  setDetail(detail: MetricDetail): void;
  /**
   * The whole exposition in pieces of about 64 KB, made while they are read. Holds the event loop for a few milliseconds
   * at a time, whatever the number of peers; stop reading at any piece.
   */
  render(format: ExpositionFormat): AsyncIterable<string>;
  /** Everything that is shown, for code that knows prom-client; `metrics()` of it blocks in proportion to the peers. */
  readonly registry: Registry;
  /** Cancels the timers. */
  stop(): void;
};

const NO_SPANS: SpanCounts = { exported: 0, failed: 0, dropped: 0, suppressed: 0 };

/** The metrics of the contract as a fold over events. Every series of a peer or group exists from its `added` event on. */
export function createMetricsSink(options: MetricsSinkOptions): MetricsSink {
  const { clock, spanCounts = () => NO_SPANS, lastRunClean = null } = options;
  const peers = createPeerSeries();
  const groups = createGroupSeries();
  const process = createProcessSeries({ ...options, loadedAt: clock.now(), spanCounts, lastRunClean });
  const openFds = createOpenFds(clock);
  const ordinary = [...process.metrics, ...runtimeMetrics(), openFds.metric];
  const registry = new Registry();
  let shown: readonly SlicedFamily[] = [];

  const setDetail = (detail: MetricDetail): void => {
    shown = [...peers.families.filter(({ name }) => isShown(name, detail)), ...groups.families];
    registry.clear();
    for (const family of shown) registry.registerMetric(asMetric(family));
    for (const metric of ordinary) registry.registerMetric(metric);
  };
  setDetail(options.detail);
  const series: Series = { peers, groups, process };
  return {
    sink: {
      connection: (event) => foldConnection(event, series),
      peer: (event) => foldPeer(event, series),
      sample: (event) => foldSample(event, series),
      process: (event) => foldProcess(event, series),
    },
    setDetail,
    render: (format) => renderFamilies([...shown, ...ordinary.map(ordinaryFamily)], format, clock),
    registry,
    stop: () => openFds.stop(),
  };
}

function isShown(name: string, detail: MetricDetail): boolean {
  const needed = familyNamed(name).detail;
  return needed === undefined || METRIC_DETAILS.indexOf(needed) <= METRIC_DETAILS.indexOf(detail);
}

type Series = { readonly peers: PeerSeries; readonly groups: GroupSeries; readonly process: ProcessSeries };

function foldConnection(event: ConnectionEvent, { peers, groups }: Series): void {
  switch (event.type) {
    case 'connected':
      groups.connected(event);
      return peers.connected(event);
    case 'connectFailed':
      groups.connectFailed(event);
      return peers.connectFailed(event);
    case 'disconnected':
      groups.disconnected(event);
      return peers.ended(event);
    case 'localClosed':
      groups.localClosed(event);
      return peers.ended(event);
  }
}

function foldPeer(event: PeerEvent, { peers, groups }: Series): void {
  switch (event.type) {
    case 'groupAdded':
      return groups.added(event);
    case 'groupRemoved':
      return groups.removed(event);
    case 'peerAdded':
      return peers.added(event);
    case 'peerChanged':
      return peers.changed(event);
    case 'peerRemoved':
      groups.peerRemoved(event);
      return peers.removed(event);
    case 'stateEntered':
      return groups.stateEntered(event);
  }
}

function foldSample(event: SampleEvent, { peers, process }: Series): void {
  switch (event.type) {
    case 'traffic':
      return peers.traffic(event);
    case 'sampled':
      return peers.sampled(event);
    case 'heartbeatAnswered':
      return peers.heartbeatAnswered(event);
    case 'loopStalled':
      return process.stalled(event);
  }
}

function foldProcess(event: ProcessEvent, { process }: Series): void {
  switch (event.type) {
    case 'reloadSucceeded':
      return process.reloadSucceeded(event);
    case 'reloadFailed':
      return process.reloadFailed(event);
    case 'scraped':
      return process.scraped(event);
    case 'warned':
    case 'started':
    case 'stopping':
    case 'stopped':
      return;
  }
}
