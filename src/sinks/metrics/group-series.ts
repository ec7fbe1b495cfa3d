import { CONNECT_FAILURE_REASONS } from '../../domain/connect-failure.ts';
import type { ConnectPhase } from '../../domain/connect-failure.ts';
import type { ConnectionStateName } from '../../domain/connection-state.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../domain/disconnect.ts';
import type {
  ConnectFailed,
  Connected,
  Disconnected,
  LocalClosed,
  TraceRef,
} from '../../domain/events/connection-events.ts';
import type { GroupAdded, GroupRemoved, PeerRemoved, StateEntered } from '../../domain/events/peer-events.ts';
import { familyNamed } from './metric-catalogue.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Exemplar } from './exposition-text.ts';
import {
  ordinaryCounter,
  ordinaryGauge,
  ordinaryHistogram,
  samplesOf,
  samplesText,
  seriesText,
} from './ordinary-metric.ts';
import { slicedFamily } from './sliced-family.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** The per-group families. A group's series are made together, at 0, and go together. */
export type GroupSeries = {
  readonly families: readonly SlicedFamily[];
  added(event: GroupAdded): void;
  removed(event: GroupRemoved): void;
  stateEntered(event: StateEntered): void;
  peerRemoved(event: PeerRemoved): void;
  connectFailed(event: ConnectFailed): void;
  connected(event: Connected): void;
  disconnected(event: Disconnected): void;
  localClosed(event: LocalClosed): void;
};

/** What `finrst_peers` counts. A closing connection is over and waits for its next attempt; a stopped peer is none. */
const SHOWN_STATE: Readonly<Record<ConnectionStateName, PeersState | null>> = {
  backoff: 'backoff',
  resolving: 'resolving',
  connecting: 'connecting',
  handshaking: 'handshaking',
  established: 'established',
  closing: 'backoff',
  stopped: null,
};
const PEERS_STATES = ['resolving', 'connecting', 'handshaking', 'established', 'backoff'] as const;
type PeersState = (typeof PEERS_STATES)[number];

/** The families, in the order of the catalogue. */
const NAMES = {
  disconnects: 'finrst_disconnects_by_reason_total',
  failures: 'finrst_connect_failures_by_reason_total',
  localCloses: 'finrst_local_closes_total',
  duration: 'finrst_connection_duration_seconds',
  idle: 'finrst_idle_at_disconnect_seconds',
  connectDuration: 'finrst_connect_duration_seconds',
  downtime: 'finrst_downtime_seconds',
  peers: 'finrst_peers',
} as const;

/** One group's metrics: ordinary prom-client ones, in no registry; the families gather them. */
function createGroup(name: string) {
  const metrics = {
    disconnects: ordinaryCounter(NAMES.disconnects),
    failures: ordinaryCounter(NAMES.failures),
    localCloses: ordinaryCounter(NAMES.localCloses),
    duration: ordinaryHistogram(NAMES.duration),
    idle: ordinaryHistogram(NAMES.idle),
    connectDuration: ordinaryHistogram(NAMES.connectDuration),
    downtime: ordinaryHistogram(NAMES.downtime),
    peers: ordinaryGauge(NAMES.peers),
  };
  return { name, metrics, exemplars: new Map<string, Exemplar>(), phases: new Set<ConnectPhase>() };
}
type Group = ReturnType<typeof createGroup>;
type MetricKey = keyof Group['metrics'];

export function createGroupSeries(): GroupSeries {
  const groups = new Map<string, Group>();
  const states = createStateCounts(groups);
  const of = (event: { readonly peer: { readonly group: string } }) => groups.get(event.peer.group);
  return {
    families: Object.entries(NAMES).map(([key, name]) => groupFamily(groups, name, key as MetricKey)),
    added(event) {
      const group = groups.get(event.group) ?? begin(event.group);
      groups.set(event.group, group);
      if (event.tls) beginPhase(group, 'tls');
    },
    removed: ({ group }) => void groups.delete(group),
    stateEntered: (event) => states.enter(event.peer, SHOWN_STATE[event.state]),
    peerRemoved: (event) => states.enter(event.peer, null),
    connectFailed(event) {
      const group = of(event);
      if (group) count(group, 'failures', { labels: { phase: event.phase, reason: event.reason }, cause: event });
    },
    connected(event) {
      const group = of(event);
      if (group) connected(group, event);
    },
    disconnected(event) {
      const group = of(event);
      if (!group) return;
      count(group, 'disconnects', { labels: { class: event.class, reason: event.reason }, cause: event });
      observe(group, 'duration', { labels: { class: event.class }, ms: event.durationMs, cause: event });
      observe(group, 'idle', { labels: { class: event.class }, ms: event.idleMs, cause: event });
    },
    localClosed(event) {
      const group = of(event);
      if (!group) return;
      count(group, 'localCloses', { labels: { reason: event.reason }, cause: event });
      observe(group, 'duration', { labels: { class: 'local' }, ms: event.durationMs, cause: event });
    },
  };
}

function connected(group: Group, event: Connected): void {
  const { dnsMs, tcpMs, tlsMs, protocolMs, totalMs } = event.timings;
  for (const [phase, ms] of Object.entries({
    dns: dnsMs,
    tcp: tcpMs,
    tls: tlsMs,
    protocol: protocolMs,
    total: totalMs,
  })) {
    if (ms !== undefined) observe(group, 'connectDuration', { labels: { phase }, ms: ms, cause: event });
  }
  if (event.downtimeMs !== undefined) observe(group, 'downtime', { labels: {}, ms: event.downtimeMs, cause: event });
}

/** A new group with every series at 0. */
function begin(name: string): Group {
  const group = createGroup(name);
  const { metrics } = group;
  for (const endClass of DISCONNECT_CLASSES) {
    for (const reason of DISCONNECT_REASONS[endClass])
      metrics.disconnects.inc({ group: name, class: endClass, reason }, 0);
    metrics.idle.zero({ group: name, class: endClass });
  }
  for (const reason of LOCAL_CLOSE_REASONS) metrics.localCloses.inc({ group: name, reason }, 0);
  for (const endClass of [...DISCONNECT_CLASSES, 'local']) metrics.duration.zero({ group: name, class: endClass });
  metrics.downtime.zero({ group: name });
  for (const state of PEERS_STATES) metrics.peers.set({ group: name, state }, 0);
  beginPhase(group, 'dns');
  beginPhase(group, 'tcp');
  metrics.connectDuration.zero({ group: name, phase: 'total' });
  return group;
}

/** A phase that is configured has its series. Taking TLS out of a group leaves them: what they counted stays true. */
function beginPhase(group: Group, phase: ConnectPhase): void {
  if (group.phases.has(phase)) return;
  group.phases.add(phase);
  for (const reason of CONNECT_FAILURE_REASONS[phase])
    group.metrics.failures.inc({ group: group.name, phase, reason }, 0);
  group.metrics.connectDuration.zero({ group: group.name, phase });
}

type Cause = { readonly at: number; readonly trace?: TraceRef };
type Labels = Readonly<Record<string, string>>;

function count(
  group: Group,
  key: 'disconnects' | 'failures' | 'localCloses',
  counted: { readonly labels: Labels; readonly cause: Cause },
): void {
  const labels = { group: group.name, ...counted.labels };
  group.metrics[key].inc(labels);
  const exemplar = exemplarOf(counted.cause, 1);
  if (exemplar) group.exemplars.set(seriesText(NAMES[key], labels, 'openmetrics'), exemplar);
}

type Observed = { readonly labels: Labels; readonly ms: number; readonly cause: Cause };

function observe(group: Group, key: 'duration' | 'idle' | 'connectDuration' | 'downtime', observed: Observed): void {
  const labels = { group: group.name, ...observed.labels };
  const seconds = observed.ms / 1000;
  group.metrics[key].observe(labels, seconds);
  const exemplar = exemplarOf(observed.cause, seconds);
  if (!exemplar) return;
  const le = (familyNamed(NAMES[key]).buckets ?? []).find((bound) => seconds <= bound) ?? '+Inf';
  group.exemplars.set(seriesText(`${NAMES[key]}_bucket`, { ...labels, le }, 'openmetrics'), exemplar);
}

/** An exemplar of a span that was never recorded would lead nowhere. */
function exemplarOf({ at, trace }: Cause, value: number): Exemplar | undefined {
  return trace?.recorded ? { traceId: trace.traceId, spanId: trace.spanId, value, timestamp: at / 1000 } : undefined;
}

/** One family over all groups, a slice per group. */
function groupFamily(groups: ReadonlyMap<string, Group>, name: string, key: MetricKey): SlicedFamily {
  async function* slices(format: ExpositionFormat): AsyncIterable<string> {
    const present = Array.from(groups.values());
    for (const group of present) {
      if (groups.get(group.name) !== group) continue;
      const samples = await samplesOf(group.metrics[key]);
      yield samplesText({ name, samples, exemplars: group.exemplars }, format);
    }
  }
  const samples = async () =>
    (await Promise.all([...groups.values()].map((group) => samplesOf(group.metrics[key])))).flat();
  return slicedFamily(name, slices, samples);
}

/** Counts each known peer in the one state it is in. */
function createStateCounts(groups: ReadonlyMap<string, Group>) {
  const current = new Map<number, PeersState>();
  const move = (group: string, state: PeersState | undefined, by: 1 | -1): void => {
    if (state) groups.get(group)?.metrics.peers.inc({ group, state }, by);
  };
  return {
    enter(peer: PeerRef, state: PeersState | null): void {
      const before = current.get(peer.id);
      if (before === (state ?? undefined)) return;
      move(peer.group, before, -1);
      if (state === null) {
        current.delete(peer.id);
        return;
      }
      current.set(peer.id, state);
      move(peer.group, state, 1);
    },
  };
}
