import { lookupPlaces } from '../connections/dial/name-lookup.ts';
import type { Clock } from '../clock/clock.ts';
import { type AppliedDiff, type ApplyOptions, Fleet, type FleetOptions } from '../connections/fleet/fleet.ts';
import { PeerPipeline } from '../discovery/peer-pipeline.ts';
import { StatefulSetReplicas } from '../discovery/kubernetes/stateful-set-replicas.ts';
import type { SourceContext } from '../discovery/peer-source.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { Publish } from '../events/bus.ts';
import type { EventNumbers } from '../events/event-numbers.ts';
import { EndHints } from '../insight/end-hints.ts';
import { HostDrops } from '../insight/host-drops.ts';
import { FolderReader } from '../files/folder-reader.ts';
import { openFileLimit } from '../os/process/open-file-limit.ts';
import { softnetDrops } from '../os/host/softnet-drops.ts';
import type { Kernel } from '../os/sockets/kernel.ts';
import { openKernel } from '../os/sockets/open-kernel.ts';
import type { Journal } from '../sinks/journal/open-journal.ts';
import { LIFETIME_BUCKETS_SECONDS } from '../sinks/metrics/bucket-bounds.ts';
import { MetricsSink } from '../sinks/metrics/metrics-sink.ts';
import { FirstOutcomes } from '../sinks/status/first-outcomes.ts';
import { FleetHistory } from '../sinks/status/fleet-history.ts';
import { OwnHealth } from '../sinks/status/own-health.ts';
import { PeerHistories } from '../sinks/status/peer-histories.ts';
import { createPeerStatuses } from '../sinks/status/peer-status.ts';
import { KnownIncidents } from '../sinks/status/known-incidents.ts';
import { ObservedConnections } from '../sinks/status/observed-connections.ts';
import { ObservedPeers } from '../sinks/status/observed-peers.ts';
import type { RecentEvents } from '../sinks/status/recent-events.ts';
import { createTraces, type Traces } from '../sinks/traces/create-traces.ts';
import { TargetListThread } from '../target-lists/target-list-thread.ts';
import type { WebBackend } from '../web/routes/web-backend.ts';
import { socketConfigurer } from './configure-socket.ts';
import type { DaemonOptions, ObserveMode } from './daemon-options.ts';
import { EventStream, type Stages } from './event-stream.ts';
import { HostCounters } from './host-counters.ts';
import { incidentParts } from './incident-parts.ts';
import { journalPart } from './journal-part.ts';
import { createObserver, observerPart } from './observer-part.ts';
import { openPast } from './open-past.ts';
import { type Part, sinkPart } from './part.ts';
import { Sharding } from './sharding.ts';
import { webParts } from './web-parts.ts';

/** What a daemon is built from, and those of its parts that it still has to talk to. */
export type BuiltParts = {
  readonly events: EventStream;
  /** Turns the targets of the configuration into peers. */
  readonly peers: PeerPipeline<ApplyOptions, AppliedDiff>;
  readonly fleet: Fleet;
  readonly sharding: Sharding;
  /** Null: being ready does not depend on them. */
  readonly firstOutcomes: FirstOutcomes | null;
  /** As what the fleet closes its connections when it stops. */
  readonly closing: Closing;
  readonly metrics: MetricsSink;
  readonly traces: Traces;
  readonly journal: Journal | null;
  readonly kernelEvidence: boolean;
  readonly observe: ObserveMode;
  /** Everything that works, in the order in which it stops. */
  readonly working: readonly Part[];
  /** What also records that all the others have stopped. */
  readonly recording: readonly Part[];
};

type Closing = { reason: 'shutdown' | 'resharded' };

export type BuildResult =
  | ({ readonly kind: 'built' } & BuiltParts)
  | { readonly kind: 'failed'; readonly problem: string };

/** What the web asks of the daemon itself, not of a part. */
export type DaemonBackend = Pick<WebBackend, 'reload' | 'configText' | 'settingPlaces' | 'runbookOf' | 'notReady'>;

/** Builds every part and connects them by the events. No port is open yet and nothing connects. */
export async function buildParts(options: DaemonOptions, backend: DaemonBackend): Promise<BuildResult> {
  const { clock, config, shards = null } = options;
  const events = new EventStream(options);
  const { publish } = events;
  const { kernel, problem } = await openKernel(options.platform);
  const past = await openPast(options, publish);
  if (past.kind === 'unusable') return { kind: 'failed', problem: past.problem };
  const { journal, numbers, recent } = past;
  const traces = await createTraces({ ...options, settings: config.tracing, publish });
  const host = new HostCounters(clock, options.readFile);
  const metrics = createMetrics(options, { kernel, traces, journal, host });
  const fleet = createFleet(options, kernel, publish);
  const { peers, targetLists, sharding } = createPeers(options, { kernel, fleet, publish });
  const observer = createObserver(options, publish);
  const firstOutcomes = shards?.kind === 'statefulSet' ? new FirstOutcomes(clock) : null;
  const closing: Closing = { reason: 'shutdown' };
  const drops = new HostDrops(clock, softnetDrops);
  const sinks = createStatusSinks(options, { kernel, traces, drops });
  const counting = metricsPart(metrics);
  const working = [
    ...incidentParts(options, publish, observer !== null),
    ...(observer === null ? [] : [observerPart(observer)]),
    shardingPart(sharding),
    discoveryPart(peers),
    fleetPart(fleet, closing),
    events.part,
    targetListsPart(targetLists),
    tracesPart(traces),
    ...webParts(options, {
      ...backend,
      render: (format, pace) => metrics.render(format, pace),
      ...targetsOf(peers),
      ...eventsOf(recent),
      ...statusOf(sinks, clock),
      shardOf: (peer) => sharding.shardOf(peer),
      publish,
    }),
    counting,
    startedAndStopped('host drops', drops),
    startedAndStopped('host counters', host),
    ...Object.entries({ recent, ...sinks }).map(([name, { sink }]) => sinkPart(name, sink)),
    ...(firstOutcomes === null ? [] : [sinkPart('first outcomes', firstOutcomes.sink)]),
  ];
  const recording = recordingParts(journal, options);
  events.connect({ first: counting, all: [...working, ...recording] }, stages({ drops, traces, numbers }));
  if (problem !== undefined) createWarn(publish, clock)('warn', problem);
  const seen = { sharding, firstOutcomes, closing, metrics, traces, journal, observe: options.observe ?? 'off' };
  return { kind: 'built', events, peers, fleet, ...seen, kernelEvidence: kernel.evidence, working, recording };
}

function recordingParts(journal: Journal | null, { sinks }: DaemonOptions): readonly Part[] {
  const given = Object.entries(sinks).map(([name, sink]) => sinkPart(name, sink));
  return [...(journal === null ? [] : [journalPart(journal)]), ...given];
}

type MetricSources = {
  readonly kernel: Kernel;
  readonly traces: Traces;
  readonly journal: Journal | null;
  readonly host: HostCounters;
};

function createMetrics({ clock, build, config, shards = null }: DaemonOptions, sources: MetricSources): MetricsSink {
  const { kernel, traces, journal, host } = sources;
  return new MetricsSink({
    clock,
    build,
    detail: config.global.detail,
    histograms: config.global.histograms,
    kernelEvidence: kernel.evidence,
    configSha256: config.sha256,
    isShard: shards !== null,
    hostCounts: () => host.last,
    spanCounts: () => traces.counts(),
    // The first run has none before it that could have ended badly.
    ...(journal !== null && { lastRunClean: journal.lastRunClean ?? true, journalLinesLost: journal.lostLines }),
  });
}

function createPeers(options: DaemonOptions, { kernel, fleet, publish }: DiscoveryOutside) {
  const targetLists = new TargetListThread(options.clock);
  const configureSocket = socketConfigurer(kernel);
  const context = { ...sourceContext(options, targetLists), configureSocket };
  const { clock, shards: settings = null } = options;
  const statefulSet = settings?.kind === 'statefulSet' ? settings : null;
  const source = statefulSet && new StatefulSetReplicas(statefulSet, { ...context, environment: options.env });
  const sharding = new Sharding({ clock, publish, settings, source });
  const { owns } = sharding;
  const peers = new PeerPipeline({ ...context, publish, holder: fleet, owns });
  return { peers, targetLists, sharding };
}

type DiscoveryOutside = { readonly kernel: Kernel; readonly fleet: Fleet; readonly publish: Publish };

function sourceContext({ clock, random, readFile, build, env }: DaemonOptions, lists: TargetListThread): SourceContext {
  const folders = new FolderReader(clock);
  return { clock, random, readFile, folders, readTargetList: lists.read, version: build.version, environment: env };
}

function targetsOf(peers: BuiltParts['peers']): Pick<WebBackend, 'targets' | 'targetOf' | 'droppedTargets'> {
  return {
    targets: (query) => peers.targets(query),
    targetOf: (peer) => peers.targetOf(peer),
    droppedTargets: () => peers.droppedTargets(),
  };
}

type HealthSources = { readonly kernel: Kernel; readonly traces: Traces; readonly drops: HostDrops };
const eventsOf = (recent: RecentEvents) => ({ events: recent.query.bind(recent), feed: recent });

type StatusSinks = ReturnType<typeof createStatusSinks>;

/** What the pages and the interface say of peers and incidents. */
function createStatusSinks({ clock, config }: DaemonOptions, { kernel, traces, drops }: HealthSources) {
  return {
    statuses: createPeerStatuses(),
    known: new KnownIncidents(),
    observed: new ObservedConnections(),
    observedPeers: new ObservedPeers(),
    histories: new PeerHistories(),
    fleet: new FleetHistory(clock.now()),
    health: new OwnHealth({
      startedAt: clock.now(),
      kernelEvidence: kernel.evidence,
      configSha256: config.sha256,
      spans: () => traces.counts(),
      dropsSince: (at) => drops.since(at),
    }),
  };
}

function statusOf(sinks: StatusSinks, clock: Clock) {
  const { statuses, known, observed, observedPeers, histories, fleet, health } = sinks;
  return {
    peers: (query) => statuses.list(query),
    peerEntries: () => statuses.entries(),
    observed: (query) => observed.list(query, clock.now()),
    observedOf(id, most) {
      const ends = observedPeers.of(id, clock.now());
      return ends && { ends, held: observed.of(id, most) };
    },
    incidents: () => known.list(),
    incidentRecords: () => known.records(),
    incidentRecord: (id) => known.record(id),
    peerStatus: (id) => statuses.of(id),
    peerHistory: (id) => histories.of(id),
    peerSummary: (id) => histories.summaryOf(id),
    certificateEndsAt: (id) => histories.certificateEndsAt(id),
    roundTripMs: (id) => histories.roundTripMs(id),
    peerRemovedAt: (peer) => histories.removedAt(peer),
    peersByGroup: () => histories.peersByGroup(),
    fleet: () => fleet.read(clock.now()),
    health: () => health.read(clock.now()),
  } satisfies Partial<WebBackend>;
}

function shardingPart(sharding: Sharding): Part {
  return {
    name: 'sharding',
    async stop() {
      sharding.stop();
      return { lost: 0 };
    },
  };
}

function discoveryPart(peers: BuiltParts['peers']): Part {
  return {
    name: 'discovery',
    async stop() {
      peers.stop();
      return { lost: 0 };
    },
  };
}

function targetListsPart(lists: TargetListThread): Part {
  return {
    name: 'target lists',
    async stop() {
      await lists.stop();
      return { lost: 0 };
    },
  };
}

function createFleet(options: DaemonOptions, kernel: Kernel, emit: FleetOptions['emit']): Fleet {
  const { clock, random, work, readFile, config, env, build } = options;
  return new Fleet({
    clock,
    random,
    ...(work === undefined ? {} : { work }),
    kernel,
    emit,
    limits: config.global,
    openFileLimit: openFileLimit(),
    readFile,
    userAgent: `finrst/${build.version}`,
    lookupPlaces: lookupPlaces(env['UV_THREADPOOL_SIZE']),
    silenceEdgesMs: LIFETIME_BUCKETS_SECONDS.map((seconds) => seconds * 1000),
  });
}

function fleetPart(fleet: Fleet, closing: Closing): Part {
  return {
    name: 'fleet',
    async stop(deadlineMs) {
      await fleet.stop(deadlineMs, closing.reason);
      return { lost: 0 };
    },
  };
}

function tracesPart(traces: Traces): Part {
  return {
    name: 'traces',
    sink: traces.sink,
    stop: (deadlineMs) => traces.shutdown(deadlineMs),
    lossMessage: 'spans were lost at shutdown: the collector did not take them in time',
  };
}

type StageParts = { readonly drops: HostDrops; readonly traces: Traces; readonly numbers: EventNumbers };

function stages({ drops, traces, numbers }: StageParts): Stages {
  const hints = new EndHints((from, lost) => drops.explain(from, lost));
  return { complete: (event) => numbers.number(hints.complete(event)), record: (event) => traces.record(event) };
}

/** What looks at the host from its start to its stop, and has nothing to lose. */
function startedAndStopped(
  name: string,
  watched: { readonly start: () => void | Promise<void>; readonly stop: () => void },
): Part {
  return {
    name,
    async start() {
      await watched.start();
      return { kind: 'started', listening: [] };
    },
    async stop() {
      watched.stop();
      return { lost: 0 };
    },
  };
}

function metricsPart(metrics: MetricsSink): Part {
  return {
    name: 'metrics',
    sink: metrics.sink,
    async stop() {
      metrics.stop();
      return { lost: 0 };
    },
  };
}
