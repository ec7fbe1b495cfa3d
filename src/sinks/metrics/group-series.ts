import { CONNECT_FAILURE_REASONS, type ConnectPhase } from '../../domain/connect-failure.ts';
import type { ConnectionStateName } from '../../domain/connection-state.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../domain/disconnect.ts';
import type {
  ConnectFailed,
  Connected,
  ConnectionEvent,
  Disconnected,
  LocalClosed,
} from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { MetricName } from './metric-catalogue.ts';
import { ordinaryGauge, samplesOf, samplesText } from './ordinary-metric.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';
import { TracedCounter, TracedHistogram } from './traced-metric.ts';

const PEERS_STATES = ['resolving', 'connecting', 'handshaking', 'established', 'closing', 'backoff'] as const;
type PeersState = (typeof PEERS_STATES)[number];

/** What `finrst_peers` counts: a stopped peer is none. */
const COUNTED_AS: Readonly<Record<ConnectionStateName, PeersState | null>> = {
  backoff: 'backoff',
  resolving: 'resolving',
  connecting: 'connecting',
  handshaking: 'handshaking',
  established: 'established',
  closing: 'closing',
  stopped: null,
};

/** One group's metrics: ordinary prom-client ones, in no registry; the families gather them. */
class Group {
  readonly name: string;
  readonly disconnects = new TracedCounter('finrst_disconnects_by_reason_total');
  readonly failures = new TracedCounter('finrst_connect_failures_by_reason_total');
  readonly localCloses = new TracedCounter('finrst_local_closes_total');
  readonly duration = new TracedHistogram('finrst_connection_duration_seconds');
  readonly idle = new TracedHistogram('finrst_idle_at_disconnect_seconds');
  readonly connectDuration = new TracedHistogram('finrst_connect_duration_seconds');
  readonly downtime = new TracedHistogram('finrst_downtime_seconds');
  readonly peers = ordinaryGauge('finrst_peers');
  readonly #phases = new Set<ConnectPhase>();

  /** Every series begins at 0. */
  constructor(name: string) {
    this.name = name;
    for (const endClass of DISCONNECT_CLASSES) {
      for (const reason of DISCONNECT_REASONS[endClass])
        this.disconnects.zero({ group: name, class: endClass, reason });
      this.idle.zero({ group: name, class: endClass });
    }
    for (const reason of LOCAL_CLOSE_REASONS) this.localCloses.zero({ group: name, reason });
    for (const endClass of [...DISCONNECT_CLASSES, 'local']) this.duration.zero({ group: name, class: endClass });
    this.downtime.zero({ group: name });
    for (const state of PEERS_STATES) this.peers.set({ group: name, state }, 0);
    this.beginPhase('dns');
    this.beginPhase('tcp');
    this.connectDuration.zero({ group: name, phase: 'total' });
  }

  /** A phase that is configured has its series. Taking TLS or the awaited answer out of a group leaves them: what they counted stays true. */
  beginPhase(phase: ConnectPhase): void {
    if (this.#phases.has(phase)) return;
    this.#phases.add(phase);
    for (const reason of CONNECT_FAILURE_REASONS[phase]) this.failures.zero({ group: this.name, phase, reason });
    this.connectDuration.zero({ group: this.name, phase });
  }

  connected(event: Connected): void {
    const { timings, downtimeMs } = event;
    this.#connectPhase('dns', timings.dnsMs, event);
    this.#connectPhase('tcp', timings.tcpMs, event);
    this.#connectPhase('tls', timings.tlsMs, event);
    this.#connectPhase('protocol', timings.protocolMs, event);
    this.#connectPhase('total', timings.totalMs, event);
    if (downtimeMs !== undefined) this.downtime.observe({ group: this.name }, downtimeMs, event);
  }

  connectFailed(event: ConnectFailed): void {
    this.failures.inc({ group: this.name, phase: event.phase, reason: event.reason }, event);
  }

  disconnected(event: Disconnected): void {
    const labels = { group: this.name, class: event.class };
    this.disconnects.inc({ ...labels, reason: event.reason }, event);
    this.duration.observe(labels, event.durationMs, event);
    this.idle.observe(labels, event.idleMs, event);
  }

  localClosed(event: LocalClosed): void {
    this.localCloses.inc({ group: this.name, reason: event.reason }, event);
    this.duration.observe({ group: this.name, class: 'local' }, event.durationMs, event);
  }

  async peersText(format: ExpositionFormat): Promise<string> {
    return samplesText({ name: 'finrst_peers', samples: await samplesOf(this.peers) }, format);
  }

  #connectPhase(phase: ConnectPhase | 'total', milliseconds: number | undefined, event: Connected): void {
    if (milliseconds !== undefined) this.connectDuration.observe({ group: this.name, phase }, milliseconds, event);
  }
}

/** The per-group families. A group's series are made together, at 0, and go together. What is late for a group that is gone changes nothing. */
export class GroupSeries {
  readonly #groups = new Map<string, Group>();
  /** The one state that each known peer is counted in. */
  readonly #counted = new Map<number, PeersState>();
  readonly families: readonly SlicedFamily[] = [
    this.#family('finrst_disconnects_by_reason_total', (group, format) => group.disconnects.text(format)),
    this.#family('finrst_connect_failures_by_reason_total', (group, format) => group.failures.text(format)),
    this.#family('finrst_local_closes_total', (group, format) => group.localCloses.text(format)),
    this.#family('finrst_connection_duration_seconds', (group, format) => group.duration.text(format)),
    this.#family('finrst_idle_at_disconnect_seconds', (group, format) => group.idle.text(format)),
    this.#family('finrst_connect_duration_seconds', (group, format) => group.connectDuration.text(format)),
    this.#family('finrst_downtime_seconds', (group, format) => group.downtime.text(format)),
    this.#family('finrst_peers', (group, format) => group.peersText(format)),
  ];

  connection(event: ConnectionEvent): void {
    const group = this.#groups.get(event.peer.group);
    switch (event.type) {
      case 'connected':
        return group?.connected(event);
      case 'connectFailed':
        return group?.connectFailed(event);
      case 'disconnected':
        return group?.disconnected(event);
      case 'localClosed':
        return group?.localClosed(event);
    }
  }

  peer(event: PeerEvent): void {
    switch (event.type) {
      case 'groupAdded': {
        const group = this.#groups.get(event.group) ?? new Group(event.group);
        this.#groups.set(event.group, group);
        if (event.tls) group.beginPhase('tls');
        if (event.expectsAnswer) group.beginPhase('protocol');
        return;
      }
      case 'groupRemoved':
        this.#groups.delete(event.group);
        return;
      case 'peerAdded':
      case 'peerChanged':
        return;
      case 'peerRemoved':
        return this.#countIn(event.peer, null);
      case 'stateEntered':
        return this.#countIn(event.peer, COUNTED_AS[event.state]);
    }
  }

  #countIn(peer: PeerRef, state: PeersState | null): void {
    const before = this.#counted.get(peer.id) ?? null;
    if (before === state) return;
    const gauge = this.#groups.get(peer.group)?.peers;
    if (before !== null) gauge?.inc({ group: peer.group, state: before }, -1);
    if (state === null) {
      this.#counted.delete(peer.id);
      return;
    }
    this.#counted.set(peer.id, state);
    gauge?.inc({ group: peer.group, state }, 1);
  }

  /** One family over all groups, a slice per group. */
  #family(name: MetricName, textOf: (group: Group, format: ExpositionFormat) => Promise<string>): SlicedFamily {
    const groups = this.#groups;
    async function* slices(format: ExpositionFormat): AsyncIterable<string> {
      for (const group of Array.from(groups.values())) {
        if (groups.get(group.name) === group) yield await textOf(group, format);
      }
    }
    return slicedFamily(name, slices);
  }
}
