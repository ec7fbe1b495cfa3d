import { readFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { Scraped, StreamEnded, Warned } from '../../src/domain/events/process-events.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { readReasonsPage } from '../../src/explanations/reasons-page.ts';
import { FleetHistory } from '../../src/sinks/status/fleet-history.ts';
import { OwnHealth } from '../../src/sinks/status/own-health.ts';
import { PeerHistories } from '../../src/sinks/status/peer-histories.ts';
import { createPeerStatuses } from '../../src/sinks/status/peer-status.ts';
import { KnownIncidents } from '../../src/sinks/status/known-incidents.ts';
import { ObservedConnections } from '../../src/sinks/status/observed-connections.ts';
import { ObservedPeers } from '../../src/sinks/status/observed-peers.ts';
import { createRecentEvents } from '../../src/sinks/status/recent-events.ts';
import type { Publish } from '../../src/events/bus.ts';
import type { WebConfigResult } from '../../src/settings/web-protection.ts';
import { createWebServer } from '../../src/web/server/web-server.ts';
import type { WebBackend } from '../../src/web/routes/web-backend.ts';
import type { WebSettings } from '../../src/settings/web-settings.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { numbered } from './numbered.ts';
import { publishTo } from './publish-to.ts';
import { metricsAfter, TEST_BUILD } from './metrics-reader.ts';

const REASONS = readReasonsPage(readFileSync(new URL('../../docs/reasons.md', import.meta.url), 'utf8'));

export const WEB_SETTINGS: WebSettings = {
  listenAddresses: ['127.0.0.1:0'],
  webConfigFile: null,
  telemetryPath: '/metrics',
  externalUrl: null,
  routePrefix: '/',
  enableLifecycle: false,
};

export type WebOverrides = {
  readonly events?: readonly FinrstEvent[];
  readonly settings?: Partial<WebSettings>;
  readonly functions?: Partial<WebBackend>;
  readonly loadWebConfig?: () => WebConfigResult;
  /** Time goes on by itself, so that work is done in slices of it; `clock` moves nothing then. */
  readonly isRealTime?: boolean;
};

export type WebUnderTest = AsyncDisposable & {
  readonly addresses: readonly string[];
  readonly clock: FakeClock;
  /** What the server told, oldest first. */
  readonly published: readonly (Scraped | StreamEnded | Warned)[];
  readonly get: (path: string, options?: RequestOptions) => Promise<Answer>;
  /** Something happens: the sinks have it. */
  readonly publish: Publish;
  /** Whether somebody reads the stream of events. */
  readonly isFollowed: () => boolean;
  readonly stop: (deadlineMs: number) => Promise<void>;
};

/** A real web server on a free port of loopback over the real sinks, with a clock that moves when told. */
export async function startWeb(overrides: WebOverrides = {}): Promise<WebUnderTest> {
  const { events = [], settings, functions, loadWebConfig = null, isRealTime = false } = overrides;
  const clock = createFakeClock();
  const used = isRealTime ? systemClock : clock;
  const published: (Scraped | StreamEnded | Warned)[] = [];
  let isFollowed = false;
  const metrics = metricsAfter(events);
  const statuses = createPeerStatuses();
  const recent = createRecentEvents({ lastId: 0 });
  const known = new KnownIncidents();
  const observed = new ObservedConnections();
  const observedPeers = new ObservedPeers();
  const histories = new PeerHistories();
  const fleetHistory = new FleetHistory(used.now());
  const health = new OwnHealth({
    startedAt: used.now(),
    kernelEvidence: true,
    configSha256: '3f9a2c71e04b',
    spans: () => ({ exported: 0, failed: 0, dropped: 0, suppressed: 0 }),
    dropsSince: () => 0,
  });
  const sinks = [
    health.sink,
    statuses.sink,
    recent.sink,
    known.sink,
    observed.sink,
    observedPeers.sink,
    histories.sink,
    fleetHistory.sink,
  ];
  const publish = numbered(publishTo(...sinks));
  events.forEach(publish);
  const server = createWebServer({
    settings: { ...WEB_SETTINGS, ...settings },
    loadWebConfig: loadWebConfig && (async () => loadWebConfig()),
    build: TEST_BUILD,
    hostName: 'finrst-0',
    clock: used,
    functions: {
      render: (format, pace) => metrics.render(format, pace),
      notReady: () => null,
      reload: async () => ({ kind: 'reloaded' }),
      configText: () => 'groups: []\n',
      settingPlaces: () => ({ file: '/etc/finrst/finrst.yml', global: new Map(), group: new Map() }),
      runbookOf: async (anchor) => REASONS.sections.find((section) => section.anchor === anchor) ?? null,
      peers: (query) => statuses.list(query),
      targets: () => [],
      droppedTargets: () => ({}),
      observed: (query) => observed.list(query, used.now()),
      observedOf(id, most) {
        const ends = observedPeers.of(id, used.now());
        return ends && { ends, held: observed.of(id, most) };
      },
      events: (query) => recent.query(query),
      feed: {
        lastId: () => recent.lastId(),
        after: (id, most) => recent.after(id, most),
        isGapAfter: (id) => recent.isGapAfter(id),
        follow(listener) {
          const unfollow = recent.follow(listener);
          isFollowed = true;
          return () => {
            isFollowed = false;
            unfollow();
          };
        },
      },
      incidents: () => known.list(),
      incidentRecords: () => known.records(),
      incidentRecord: (id) => known.record(id),
      peerStatus: (id) => statuses.of(id),
      peerHistory: (id) => histories.of(id),
      peerRemovedAt: (peer) => histories.removedAt(peer),
      peersByGroup: () => histories.peersByGroup(),
      peerEntries: () => statuses.entries(),
      peerSummary: (id) => histories.summaryOf(id),
      certificateEndsAt: (id) => histories.certificateEndsAt(id),
      roundTripMs: (id) => histories.roundTripMs(id),
      fleet: () => fleetHistory.read(used.now()),
      health: () => health.read(used.now()),
      targetOf: () => null,
      shardOf: () => null,
      publish: (event) => void published.push(event),
      ...functions,
    },
  });
  const started = await server.start();
  if (started.kind === 'failed') throw new Error(started.problem);
  const addresses = started.listening;
  const stop = (deadlineMs: number) => server.stop(deadlineMs);
  return {
    addresses,
    clock,
    published,
    publish,
    isFollowed: () => isFollowed,
    get: (path, options = {}) => ask(addresses[0] ?? '', path, options),
    stop,
    async [Symbol.asyncDispose]() {
      const stopped = stop(0);
      clock.advance(0);
      await stopped;
    },
  };
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
};

/** One request on a connection of its own. Rejects when the answer was cut. */
export function ask(address: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: hostname.replace(/^\[|\]$/g, ''), port, path, agent: false, ...options },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(pieces);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() });
        });
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}
