import type { Clock } from '../clock/clock.ts';
import type { Config, ConfigResult } from '../config/config.ts';
import { formatProblem } from '../config/config-problem.ts';
import { loadWebConfig } from '../config/load-web-config.ts';
import { Fleet } from '../connections/fleet/fleet.ts';
import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import { EVENT_GROUPS, type FinrstEvent } from '../domain/events/finrst-event.ts';
import { createEventBus, type OnSinkError, type Publish, type Sink } from '../events/bus.ts';
import { PeerPipeline } from '../discovery/peer-pipeline.ts';
import { openFileLimit } from '../os/process/open-file-limit.ts';
import { openKernel } from '../os/sockets/open-kernel.ts';
import { warnOfLastRun } from '../sinks/journal/warn-of-last-run.ts';
import { type Journal, openJournal } from '../sinks/journal/open-journal.ts';
import { createMetricsSink, type MetricsSink } from '../sinks/metrics/metrics-sink.ts';
import { createPeerStatuses } from '../sinks/status/peer-status.ts';
import { createRecentEvents } from '../sinks/status/recent-events.ts';
import { createTraces, type Traces } from '../sinks/traces/create-traces.ts';
import type { WebBackend } from '../web/routes/web-backend.ts';
import { createWebServer, type WebServer } from '../web/server/web-server.ts';
import type { WebSettings } from '../settings/web-settings.ts';
import type { BuildInfo } from '../settings/build-info.ts';
import type { ReloadResult } from '../settings/reload-result.ts';

export type { WebSettings } from '../settings/web-settings.ts';

export type DaemonOptions = {
  readonly config: Config;
  /** Reads the configuration again; called by reload. Throws never: an unreadable file is a problem like any other. */
  readonly load: () => ConfigResult;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly build: BuildInfo;
  /** `linux`, `darwin`, ...: where the kernel can be asked. */
  readonly platform: string;
  /** The OTEL_* variables are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where people read what happened: the log, the terminal of `watch`. Metrics, recent events and spans are built in. */
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Null: no port is opened (`watch`). */
  readonly web: WebSettings | null;
  /** The journal; null or absent: none is kept. */
  readonly eventsFile?: string | null;
};

export type Daemon = {
  /** Opens the ports, then begins to connect. Resolves with the addresses that are listened on. Rejects when a port or the journal cannot be opened. */
  start(): Promise<readonly string[]>;
  /** Loads the configuration again and applies the difference. A bad file changes nothing. */
  reload(): Promise<ReloadResult>;
  /** Half-closes every connection, drains until the peers' FIN (at most 2 s or the deadline), flushes spans, closes the ports. */
  stop(signal: string, timeoutMs: number): Promise<void>;
};

/** What exists once the daemon has started. */
type House = {
  readonly publish: Publish;
  readonly fleet: Fleet;
  readonly pipeline: PeerPipeline;
  readonly metrics: MetricsSink;
  readonly traces: Traces;
  readonly journal: Journal | null;
  readonly web: WebServer | null;
  readonly kernelEvidence: boolean;
};

/** The web server is closed last, and quickly: what is left of the deadline belongs to peers and spans. */
const WEB_STOP_MS = 250;
/** The journal's last lines take a few milliseconds; a disk that hangs does not hold the exit. */
const JOURNAL_STOP_MS = 250;

const SHUTTING_DOWN = 'Finrst is shutting down.';

/** Wires the house: connections tell events, sinks fold them, the web shows what the sinks know. */
export function createDaemon(options: DaemonOptions): Daemon {
  const { clock } = options;
  let config = options.config;
  let house: House | null = null;
  let notReady: string | null = 'Finrst is starting.';
  let stopping = false;

  const reload = async (): Promise<ReloadResult> => {
    if (stopping) return { kind: 'invalid', problems: [SHUTTING_DOWN] };
    const result = options.load();
    if (house === null) return { kind: 'reloaded' }; // started with what is loaded then
    if (result.kind === 'invalid') {
      const problems = result.problems.map(formatProblem);
      house.publish({ type: 'reloadFailed', at: clock.now(), problems });
      return { kind: 'invalid', problems };
    }
    config = result.config;
    house.metrics.setDetail(config.global.detail);
    house.fleet.setLimits(config.global);
    const diff = house.fleet.apply(house.pipeline.resolve(config.groups));
    void house.traces.reconfigure(config.tracing);
    house.publish({ type: 'reloadSucceeded', at: clock.now(), ...diff });
    warnAll(config, house.publish, clock);
    return { kind: 'reloaded' };
  };

  return {
    reload,
    async start() {
      house = await build(options, { reload, configText: () => config.maskedText, notReady: () => notReady });
      const { publish, fleet, pipeline, traces, journal, kernelEvidence } = house;
      fleet.apply(pipeline.resolve(config.groups));
      // Told before a port can fail to open: the journal names its dead only once.
      if (journal !== null) {
        warnOfLastRun(journal, createWarn(publish, clock));
        traces.recordLost(journal.lostConnections);
      }
      const listening = await listen(house);
      const { version, nodeVersion } = options.build;
      publish({ type: 'started', at: clock.now(), version, nodeVersion, peers: fleet.size, kernelEvidence, listening });
      warnAll(config, publish, clock);
      fleet.start();
      notReady = null;
      return listening;
    },
    async stop(signal, timeoutMs) {
      if (house === null) return;
      stopping = true;
      notReady = SHUTTING_DOWN;
      const deadline = clock.monotonic() + timeoutMs - WEB_STOP_MS - (house.journal === null ? 0 : JOURNAL_STOP_MS);
      const left = (): number => Math.max(0, deadline - clock.monotonic());
      house.publish({ type: 'stopping', at: clock.now(), signal });
      await house.fleet.stop(left());
      const { lost } = await house.traces.shutdown(left());
      if (lost > 0) {
        const message = 'spans were lost at shutdown: the collector did not take them in time';
        createWarn(house.publish, clock)('error', message, { lost });
      }
      await house.web?.stop(WEB_STOP_MS);
      house.metrics.stop();
      house.publish({ type: 'stopped', at: clock.now(), exitCode: 0 });
      await house.journal?.close(JOURNAL_STOP_MS);
    },
  };
}

type Shown = Pick<WebBackend, 'reload' | 'configText' | 'notReady'>;

async function build(options: DaemonOptions, shown: Shown): Promise<House> {
  const { clock, random, config } = options;
  const { kernel, problem } = await openKernel(options.platform);
  // Events flow only once all is built; what is said until then is told after that.
  const early: FinrstEvent[] = [];
  let publish: Publish = (event) => void early.push(event);
  const emit: Publish = (event) => publish(event);
  const journal = await journalAt(options.eventsFile ?? null, clock, emit);
  const traces = await createTraces({ ...options, settings: config.tracing, publish: emit });
  const metrics = createMetricsSink({
    clock,
    build: options.build,
    detail: config.global.detail,
    kernelEvidence: kernel.evidence,
    spanCounts: () => traces.counts(),
    // The first run has none before it that could have ended badly.
    ...(journal !== null && { lastRunClean: journal.lastRunClean ?? true }),
  });
  const recent = createRecentEvents();
  const statuses = createPeerStatuses();
  const sinks = {
    metrics: metrics.sink,
    recent: recent.sink,
    statuses: statuses.sink,
    traces: traces.sink,
    ...(journal !== null && { journal: journal.sink }),
    ...options.sinks,
  };
  const onSinkError = tellOnce(options);
  const bus = createEventBus(sinks, onSinkError);
  publish = (event) => {
    let told = event;
    try {
      told = withTrace(event, traces);
    } catch (error) {
      onSinkError('traces', error, event);
    }
    bus.publish(told);
  };
  early.forEach(publish);
  if (problem !== undefined) createWarn(publish, clock)('warn', problem);
  const fleet = new Fleet({ clock, random, kernel, emit, limits: config.global, openFileLimit: openFileLimit() });
  const functions: WebBackend = {
    ...shown,
    render: (format) => metrics.render(format),
    peers: () => statuses.list(),
    events: (query) => recent.query(query),
    publish: emit,
  };
  const web = openWeb(options, functions);
  const pipeline = new PeerPipeline(({ why, ...fields }) =>
    createWarn(emit, clock)('warn', 'target refused', { ...fields, why }),
  );
  return { publish: emit, fleet, pipeline, metrics, traces, journal, web, kernelEvidence: kernel.evidence };
}

async function journalAt(file: string | null, clock: Clock, publish: Publish): Promise<Journal | null> {
  if (file === null) return null;
  const opened = await openJournal({ file, clock, publish });
  if (opened.kind === 'unusable') throw new Error(opened.problem);
  return opened.journal;
}

/** Where a port cannot be opened nothing else is left running. */
async function listen({ web, metrics, traces, journal }: House): Promise<readonly string[]> {
  try {
    return (await web?.start()) ?? [];
  } catch (error) {
    metrics.stop();
    await traces.shutdown(1000);
    await journal?.close(JOURNAL_STOP_MS);
    throw error;
  }
}

function openWeb({ web, build: version, clock }: DaemonOptions, functions: WebBackend): WebServer | null {
  if (web === null) return null;
  const file = web.webConfigFile;
  const loadWeb = file === null ? null : () => loadWebConfig(file);
  return createWebServer({ settings: web, loadWebConfig: loadWeb, functions, build: version, clock });
}

/** The spans of an event are made before anybody else sees it, so that the log and the exemplars can name its trace. */
function withTrace(event: FinrstEvent, traces: Traces): FinrstEvent {
  if (!isTraced(event)) return event;
  const trace = traces.record(event);
  return trace === undefined ? event : { ...event, trace };
}

function isTraced(event: FinrstEvent): event is ConnectionEvent {
  return EVENT_GROUPS[event.type] === 'connection';
}

/** A sink that throws is a bug of ours: said once for each sink, to those who can still hear it. */
function tellOnce({ sinks, clock }: DaemonOptions): OnSinkError {
  const told = new Set<string>();
  return (sink, error, event) => {
    if (told.has(sink)) return;
    told.add(sink);
    const others = Object.fromEntries(Object.entries(sinks).filter(([name]) => name !== sink));
    const message = `a bug in Finrst: ${sink} could not take a ${event.type} event: ${String(error)}`;
    createWarn(createEventBus(others, () => {}).publish, clock)('error', message);
  };
}

function warnAll(config: Config, publish: Publish, clock: Clock): void {
  const warn = createWarn(publish, clock);
  for (const message of config.warnings) warn('warn', message);
}
