import {
  BigValueColorMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Band } from './blocks/assemble.ts';
import { UIDS } from './blocks/dashboard-links.ts';
import { buckets, type HistogramQuery, quantile } from './blocks/histograms.ts';
import { byName, colourByName, coloursByName } from './blocks/overrides.ts';
import { always, bars, byThresholds, heat, lines, stat, steps } from './blocks/panels.ts';
import { bucketsOverTime, now, overTime, rows } from './blocks/queries.ts';
import { inStep, selector } from './blocks/selector.ts';
import { yesNo } from './blocks/value-mappings.ts';
import { daemonVariables } from './blocks/variables.ts';
import { hostCounters } from './panels/host-counters.ts';
import { observer } from './panels/observed.ts';
import { peersOfShards, shards } from './panels/shards.ts';
import { reachableAndLoaded } from './panels/reachable-and-loaded.ts';
import { spansAndJournal } from './panels/spans-and-journal.ts';

const own = (family: string, further?: string): string => selector(family, 'daemon', further);
const STALLS: HistogramQuery = {
  family: 'finrst_event_loop_stall_seconds',
  scope: 'daemon',
  window: '$__rate_interval',
};

/** With fewer peers it is the runtime that one would see. */
const PEERS_THAT_SHOW_THEIR_COST = 500;

const version = stat({ title: 'Version', description: 'What is running.', unit: 'none' })
  .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^version$/').values(false))
  .textMode(BigValueTextMode.Value)
  .colorScheme(always('text'))
  .withTarget(rows(`max by (version, revision, node_version) (${own('finrst_build_info')})`));

const running = stat({
  title: 'Running for',
  description: 'Since the youngest process of the selection started. Every start makes all connections anew.',
  unit: 'dtdurations',
})
  .decimals(0)
  .colorScheme(always('text'))
  .withTarget(now(`time() - max(${own('process_start_time_seconds')})`, 'running for'));

const peers = stat({
  title: 'Peers',
  description: 'Peers in the configuration of the selected processes.',
  unit: 'none',
})
  .decimals(0)
  .colorScheme(always('text'))
  .withTarget(now(`sum(${own('finrst_peers')})`, 'peers'));

const configuration = stat({
  title: 'Configuration',
  description:
    'Whether the last load of the configuration succeeded. After a refused one the configuration before stays in force.',
  unit: 'none',
})
  .mappings(yesNo('loaded', 'refused'))
  .colorMode(BigValueColorMode.Background)
  .textMode(BigValueTextMode.Value)
  .withTarget(now(`min(${own('finrst_config_last_reload_successful')})`, 'configuration'));

const loadedAt = stat({
  title: 'Loaded',
  description: 'When the configuration was last loaded successfully.',
  unit: 'dateTimeFromNow',
})
  .colorScheme(always('text'))
  .withTarget(now(`max(${own('finrst_config_last_reload_success_timestamp_seconds')}) * 1000`, 'loaded'));

const kernelEvidence = stat({
  title: 'Kernel evidence',
  description:
    'Whether the kernel can be asked why a socket died. Without it, some reasons are less precise: keepalive and retransmission timeouts are told as timeout, a reset behind data as eof.',
  unit: 'none',
})
  .mappings(yesNo('yes', 'no'))
  .colorMode(BigValueColorMode.Value)
  .textMode(BigValueTextMode.Value)
  .withTarget(now(`min(${own('finrst_kernel_evidence')})`, 'kernel evidence'));

const lastRun = stat({
  title: 'Run before',
  description:
    'Whether the run before this one ended in order; "died" means that its connections died with it. Known only with --events.file.',
  unit: 'none',
})
  .noValue('no journal')
  .mappings(yesNo('clean', 'died'))
  .colorMode(BigValueColorMode.Value)
  .textMode(BigValueTextMode.Value)
  .withTarget(now(`min(${own('finrst_last_run_clean')})`, 'run before'));

const descriptorsNow = stat({
  title: 'Descriptors',
  description:
    'Share of the file descriptors in use. One connection is one descriptor; at the limit every connect fails.',
  unit: 'percentunit',
})
  .decimals(1)
  .thresholds(
    steps([
      [null, 'green'],
      [0.7, 'orange'],
      [0.85, 'red'],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(now(`max(${own('process_open_fds')} / ${own('process_max_fds')})`, 'descriptors'));

const stallHeat = heat({
  title: 'Event-loop stalls',
  description:
    'How long our own event loop was held up. A deadline that expires during a stall gets a second look before a peer is called silent; stalls above a second still delay everything.',
}).withTarget(bucketsOverTime(buckets(STALLS)));

const stalls = lines({
  title: "Event loop: 99th percentile of stalls and the runtime's own lag",
  description:
    "Finrst's stall histogram, which should stay in the low milliseconds, beside the lag that the Node.js runtime reports: it includes the 100 ms between two looks, so 0.1 s is rest.",
  unit: 's',
})
  .min(0)
  .showPoints(VisibilityMode.Auto)
  .overrides([colourByName('stalls, p99', 'orange'), colourByName('runtime lag, p99', 'blue')])
  .withTarget(overTime(quantile(0.99, '', STALLS), 'stalls, p99'))
  .withTarget(overTime(`max(${own('nodejs_eventloop_lag_p99_seconds')})`, 'runtime lag, p99'));

const cpu = lines({
  title: 'CPU',
  description: 'Share of one core. Node.js does its work on one: near 100 % the event loop is full.',
  unit: 'percentunit',
})
  .min(0)
  .withTarget(
    overTime(
      `sum by (cluster, instance) (rate(${own('process_cpu_seconds_total')}[$__rate_interval]))`,
      '{{instance}} {{cluster}}',
    ),
  );

const scrapeDuration = lines({
  title: 'Scrape duration',
  description:
    'How long Prometheus waited for /metrics. Grows with the peers; above the scrape timeout, points are lost.',
  unit: 's',
})
  .min(0)
  .withTarget(overTime(`max by (cluster, instance) (${own('scrape_duration_seconds')})`, '{{instance}} {{cluster}}'));

const samples = lines({
  title: 'Samples per scrape',
  description:
    'What one scrape costs Prometheus. Per peer about 7 with detail: minimal, 11 with standard, 17 to 21 with full.',
  unit: 'short',
})
  .min(0)
  .withTarget(overTime(`max by (cluster, instance) (${own('scrape_samples_scraped')})`, '{{instance}} {{cluster}}'));

const scrapes = bars({
  title: 'Scrapes by outcome',
  description:
    'In each step of the chart: ok, aborted (the scraper left before the end), rejected (too many at once). Of event streams: dropped, since the reader was too slow, or rejected, since there were too many.',
})
  .overrides(coloursByName({ ok: 'green', aborted: 'orange', rejected: 'red' }))
  .withTarget(overTime(`sum by (outcome) (${inStep(own('finrst_scrapes_total'))})`, '{{outcome}}'))
  .withTarget(
    overTime(
      `sum by (outcome) (${inStep(own('finrst_event_streams_total', 'outcome!="closed"'))})`,
      'event stream {{outcome}}',
    ),
  );

const descriptors = lines({
  title: 'File descriptors',
  description: 'Open descriptors and the limit of the process, on a logarithmic scale.',
  unit: 'short',
})
  .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
  .overrides([byName('limit', { color: { mode: 'fixed', fixedColor: 'red' }, 'custom.fillOpacity': 0 })])
  .withTarget(overTime(`max(${own('process_open_fds')})`, 'open'))
  .withTarget(overTime(`min(${own('process_max_fds')})`, 'limit'));

const memory = lines({
  title: 'Memory',
  description: 'Resident memory of the process and what of it is the JavaScript heap.',
  unit: 'bytes',
})
  .min(0)
  .overrides(coloursByName({ resident: 'blue', 'heap used': 'light-blue' }))
  .withTarget(overTime(`sum(${own('process_resident_memory_bytes')})`, 'resident'))
  .withTarget(overTime(`sum(${own('nodejs_heap_size_used_bytes')})`, 'heap used'));

const memoryPerPeer = lines({
  title: 'Memory per peer',
  description:
    'Resident memory divided by peers, of processes that hold 500 or more: with few peers it would be the runtime that you see.',
  unit: 'bytes',
})
  .min(0)
  .noValue('Shown from 500 peers of a process on.')
  .withTarget(
    overTime(
      `sum by (cluster, instance) (${own('process_resident_memory_bytes')}) / on (cluster, instance) (sum by (cluster, instance) (${own('finrst_peers')}) >= ${PEERS_THAT_SHOW_THEIR_COST})`,
      '{{instance}} {{cluster}}',
    ),
  );

const garbage = lines({
  title: 'Garbage collection',
  description: 'Share of the time spent collecting garbage, by kind.',
  unit: 'percentunit',
})
  .min(0)
  .withTarget(overTime(`sum by (kind) (rate(${own('nodejs_gc_duration_seconds_sum')}[$__rate_interval]))`, '{{kind}}'));

const BANDS: readonly Band[] = [
  {
    kind: 'band',
    height: 4,
    panels: [
      { id: 1, width: 3, panel: version },
      { id: 2, width: 4, panel: running },
      { id: 3, width: 2, panel: peers },
      { id: 4, width: 3, panel: configuration },
      { id: 5, width: 3, panel: loadedAt },
      { id: 20, width: 3, panel: lastRun },
      { id: 6, width: 3, panel: kernelEvidence },
      { id: 7, width: 3, panel: descriptorsNow },
    ],
  },
  {
    kind: 'band',
    height: 9,
    panels: [
      { id: 8, width: 9, panel: stallHeat },
      { id: 9, width: 8, panel: stalls },
      { id: 10, width: 7, panel: cpu },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 11, width: 8, panel: scrapeDuration },
      { id: 12, width: 8, panel: samples },
      { id: 13, width: 8, panel: scrapes },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 14, width: 8, panel: descriptors },
      { id: 15, width: 8, panel: memory },
      { id: 16, width: 8, panel: memoryPerPeer },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 17, width: 8, panel: spansAndJournal },
      { id: 18, width: 8, panel: garbage },
      { id: 19, width: 8, panel: reachableAndLoaded },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 21, width: 12, panel: shards },
      { id: 22, width: 12, panel: peersOfShards },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 23, width: 12, panel: hostCounters },
      { id: 24, width: 12, panel: observer },
    ],
  },
];

/** Can Finrst itself be trusted: is it awake, scraped, within its limits, on the right configuration, losing no spans. */
export function self(): Dashboard {
  return assemble({
    uid: UIDS.self,
    title: 'Finrst / Finrst itself',
    description:
      'Can Finrst be trusted right now: awake, scraped, within its limits, on the right configuration, losing nothing?',
    variables: daemonVariables(),
    bands: BANDS,
  });
}
