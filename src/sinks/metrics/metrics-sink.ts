import type { Clock } from '../../clock/clock.ts';
import { TurnSlices, type Pace } from '../../clock/turn-slices.ts';
import type { HostCounts } from '../../domain/host-counts.ts';
import type { SpanCounts } from '../../domain/span-counts.ts';
import type { Sink } from '../../events/bus.ts';
import type { BuildInfo } from '../../settings/build-info.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { type GlobalSettings, METRIC_DETAILS } from '../../settings/global-settings.ts';
import { DiscoverySeries } from './discovery-series.ts';
import { GroupSeries } from './group-series.ts';
import { hostFamilies } from './host-series.ts';
import { IncidentSeries } from './incident-series.ts';
import { KubernetesSeries } from './kubernetes-series.ts';
import { inCatalogueOrder, METRIC_CATALOGUE, type MetricFamily } from './metric-catalogue.ts';
import { ObservedSeries } from './observed-series.ts';
import { ordinaryFamily } from './ordinary-metric.ts';
import { PeerSeries } from './peer-series.ts';
import { ProcessSeries } from './process-series.ts';
import { renderFamilies } from './render-families.ts';
import { OpenFds, runtimeMetrics } from './runtime-metrics.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** Which families are exported. */
export type MetricsShown = Pick<GlobalSettings, 'detail' | 'histograms'>;

export type MetricsSinkOptions = MetricsShown & {
  readonly clock: Clock;
  readonly build: BuildInfo;
  readonly kernelEvidence: boolean;
  /** Absent: tracing is off and all are 0. */
  readonly spanCounts?: () => SpanCounts;
  /** Absent: no journal, and no `finrst_last_run_clean`. */
  readonly lastRunClean?: boolean;
  /** Absent: no journal, and no `finrst_journal_lines_lost_total`. */
  readonly journalLinesLost?: () => number;
  /** The first 12 digits of the sha256 of the configuration that the process starts with. */
  readonly configSha256?: string;
  /** The process is one of several shards; absent: it is not. */
  readonly isShard?: boolean;
  /** What was read of the host last; absent: nothing is. */
  readonly hostCounts?: () => HostCounts;
};

const UNKNOWN_HOST: HostCounts = { softnetDrops: null, tcp: null };
const NO_SPANS: SpanCounts = { exported: 0, failed: 0, dropped: 0, suppressed: 0 };

/** The metrics of the contract as a fold over events. Every series of a peer or group exists from its `added` event on. */
export class MetricsSink {
  readonly sink: Sink;
  readonly #clock: Clock;
  readonly #ours: readonly SlicedFamily[];
  readonly #openFds: OpenFds;
  readonly #runtime: readonly SlicedFamily[];
  #shown: readonly SlicedFamily[] = [];

  constructor(options: MetricsSinkOptions) {
    const {
      clock,
      spanCounts = () => NO_SPANS,
      lastRunClean = null,
      journalLinesLost = null,
      configSha256 = '',
      isShard = false,
      hostCounts = () => UNKNOWN_HOST,
    } = options;
    const peers = new PeerSeries(clock);
    const groups = new GroupSeries();
    const discovery = new DiscoverySeries(clock);
    const kubernetes = new KubernetesSeries();
    const incidents = new IncidentSeries();
    const observed = new ObservedSeries(clock);
    const process = new ProcessSeries({
      ...options,
      loadedAt: clock.now(),
      spanCounts,
      lastRunClean,
      journalLinesLost,
      configSha256,
      isShard,
    });
    this.#clock = clock;
    this.#openFds = new OpenFds(clock);
    this.#ours = inCatalogueOrder([
      ...peers.families,
      ...groups.families,
      ...discovery.families,
      ...process.families,
      ...kubernetes.families,
      ...incidents.families,
      ...observed.families,
      ...hostFamilies(hostCounts),
    ]);
    this.#runtime = [...runtimeMetrics(), this.#openFds.metric].map(ordinaryFamily);
    this.show(options);
    this.sink = foldInto({ peers, groups, discovery, kubernetes, incidents, observed, process });
  }

  /** Shows more or fewer families from the next scrape on; all are counted always, so nothing is lost. */
  show(wanted: MetricsShown): void {
    const hidden = METRIC_CATALOGUE.filter((family) => !isShown(family, wanted)).map(({ name }) => name);
    this.#shown = this.#ours.filter(({ name }) => !hidden.includes(name));
  }

  /**
   * The whole exposition in pieces of about 64 KB, made while they are read. Goes on as long as `pace` allows,
   * so that the event loop is held for a few milliseconds at a time, whatever the number of peers; stop reading at any piece.
   */
  render(
    format: ExpositionFormat,
    pace: Pace = new TurnSlices(this.#clock).pace('scrape'),
  ): AsyncIterable<string | Buffer> {
    return renderFamilies([...this.#shown, ...this.#runtime], format, pace);
  }

  /** Cancels the timers. */
  stop(): void {
    this.#openFds.stop();
  }
}

type AllSeries = {
  readonly peers: PeerSeries;
  readonly groups: GroupSeries;
  readonly discovery: DiscoverySeries;
  readonly kubernetes: KubernetesSeries;
  readonly incidents: IncidentSeries;
  readonly observed: ObservedSeries;
  readonly process: ProcessSeries;
};

/** No lists of series here: an event would make one each time. */
function foldInto({ peers, groups, discovery, kubernetes, incidents, observed, process }: AllSeries): Sink {
  return {
    connection(event) {
      groups.connection(event);
      peers.connection(event);
    },
    peer(event) {
      groups.peer(event);
      peers.peer(event);
      observed.peer(event);
    },
    sample: (event) => (event.type === 'loopStalled' ? process.stalled(event) : peers.sample(event)),
    observed: (event) => observed.observed(event),
    incident: (event) => incidents.incident(event),
    process: (event) => process.process(event),
    discovery(event) {
      discovery.discovery(event);
      kubernetes.discovery(event);
    },
  };
}

/** Families that are not per peer have no level. */
function isShown({ detail, needs }: MetricFamily, wanted: MetricsShown): boolean {
  if (needs === 'histograms' && wanted.histograms === 'off') return false;
  return detail === undefined || METRIC_DETAILS.indexOf(detail) <= METRIC_DETAILS.indexOf(wanted.detail);
}
