import type { SnapshotOrigin } from '../config/snapshot/snapshot-reader.ts';
import { lookupPlaces } from '../connections/dial/name-lookup.ts';
import { Fleet, type FleetOptions } from '../connections/fleet/fleet.ts';
import { PeerPipeline } from '../discovery/peer-pipeline.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { Publish } from '../events/bus.ts';
import { openFileLimit } from '../os/process/open-file-limit.ts';
import type { Kernel } from '../os/sockets/kernel.ts';
import { openKernel } from '../os/sockets/open-kernel.ts';
import { type Journal, openJournal } from '../sinks/journal/open-journal.ts';
import { MetricsSink } from '../sinks/metrics/metrics-sink.ts';
import { createPeerStatuses } from '../sinks/status/peer-status.ts';
import { createRecentEvents } from '../sinks/status/recent-events.ts';
import { createTraces, type Traces } from '../sinks/traces/create-traces.ts';
import type { WebConfigResult } from '../settings/web-protection.ts';
import type { WebBackend } from '../web/routes/web-backend.ts';
import { createWebServer } from '../web/server/web-server.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { EventStream } from './event-stream.ts';
import { type Part, sinkPart } from './part.ts';

/** What a daemon is built from, and those of its parts that it still has to talk to. */
export type BuiltParts = {
  readonly events: EventStream;
  /** Turns the targets of the configuration into peers. */
  readonly peers: PeerPipeline;
  readonly fleet: Fleet;
  readonly metrics: MetricsSink;
  readonly traces: Traces;
  readonly journal: Journal | null;
  readonly kernelEvidence: boolean;
  /** Everything that works, in the order in which it stops. */
  readonly working: readonly Part[];
  /** What also records that all the others have stopped. */
  readonly recording: readonly Part[];
};

export type BuildResult =
  | ({ readonly kind: 'built' } & BuiltParts)
  | { readonly kind: 'failed'; readonly problem: string };

/** What the web asks of the daemon itself, not of a part. */
export type DaemonBackend = Pick<WebBackend, 'reload' | 'configText' | 'notReady'>;

/** Answers that run may end; the rest of the deadline belongs to peers and spans. */
const WEB_STOP_MS = 250;
/** The journal's last lines take a few milliseconds; a disk that hangs does not hold the exit. */
const JOURNAL_STOP_MS = 250;

/** Builds every part and connects them by the events. No port is open yet and nothing connects. */
export async function buildParts(options: DaemonOptions, backend: DaemonBackend): Promise<BuildResult> {
  const { clock, config } = options;
  const events = new EventStream(options);
  const { publish } = events;
  const warn = createWarn(publish, clock);
  const { kernel, problem } = await openKernel(options.platform);
  const opened = await journalAt(options, publish);
  if (opened.kind === 'unusable') return { kind: 'failed', problem: opened.problem };
  const { journal } = opened;
  const traces = await createTraces({ ...options, settings: config.tracing, publish });
  const metrics = new MetricsSink({
    clock,
    build: options.build,
    detail: config.global.detail,
    histograms: config.global.histograms,
    kernelEvidence: kernel.evidence,
    configSha256: config.sha256,
    spanCounts: () => traces.counts(),
    // The first run has none before it that could have ended badly.
    ...(journal !== null && { lastRunClean: journal.lastRunClean ?? true, journalLinesLost: journal.lostLines }),
  });
  const recent = createRecentEvents();
  const statuses = createPeerStatuses();
  const fleet = createFleet(options, kernel, publish);
  const peers = new PeerPipeline(clock, ({ why, ...fields }) => warn('warn', 'target refused', { ...fields, why }));
  const working = [
    fleetPart(fleet),
    tracesPart(traces),
    ...webParts(options, {
      ...backend,
      render: (format, pace) => metrics.render(format, pace),
      peers: () => statuses.list(),
      events: (query) => recent.query(query),
      publish,
    }),
    metricsPart(metrics),
    sinkPart('recent', recent.sink),
    sinkPart('statuses', statuses.sink),
  ];
  const recording = [
    ...(journal === null ? [] : [journalPart(journal)]),
    ...Object.entries(options.sinks).map(([name, sink]) => sinkPart(name, sink)),
  ];
  events.connect([...working, ...recording], (event) => traces.record(event));
  if (problem !== undefined) warn('warn', problem);
  const kernelEvidence = kernel.evidence;
  return { kind: 'built', events, peers, fleet, metrics, traces, journal, kernelEvidence, working, recording };
}

function createFleet(options: DaemonOptions, kernel: Kernel, emit: FleetOptions['emit']): Fleet {
  const { clock, random, readFile, config, env } = options;
  return new Fleet({
    clock,
    random,
    kernel,
    emit,
    limits: config.global,
    openFileLimit: openFileLimit(),
    readFile,
    lookupPlaces: lookupPlaces(env['UV_THREADPOOL_SIZE']),
  });
}

async function journalAt({ eventsFile: file = null, clock }: DaemonOptions, publish: Publish) {
  return file === null ? ({ kind: 'opened', journal: null } as const) : openJournal({ file, clock, publish });
}

function fleetPart(fleet: Fleet): Part {
  return {
    name: 'fleet',
    async stop(deadlineMs) {
      await fleet.stop(deadlineMs);
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

function journalPart(journal: Journal): Part {
  return {
    name: 'journal',
    sink: journal.sink,
    stop: (deadlineMs) => journal.close(deadlineMs),
    stopMs: JOURNAL_STOP_MS,
    lossMessage: 'journal lines were lost: they could not be written',
  };
}

/** The web server, where one is wanted. */
function webParts({ web, build, clock, readFile }: DaemonOptions, backend: WebBackend): readonly Part[] {
  if (web === null) return [];
  const file = web.webConfigFile;
  const load = file === null ? null : () => loadWeb({ file, readFile });
  const server = createWebServer({ settings: web, loadWebConfig: load, functions: backend, build, clock });
  return [
    {
      name: 'web',
      start: () => server.start(),
      async stop(deadlineMs) {
        await server.stop(deadlineMs);
        return { lost: 0 };
      },
      stopMs: WEB_STOP_MS,
    },
  ];
}

/** The parser and the schemas, 25 MB, come with the first web configuration alone: the main one is checked in a thread. */
async function loadWeb(origin: SnapshotOrigin): Promise<WebConfigResult> {
  const { loadWebConfig } = await import('../config/load-web-config.ts');
  return loadWebConfig(origin);
}
