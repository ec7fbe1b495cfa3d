import { CONNECT_FAILURE_REASONS, type ConnectPhase } from '../../domain/connect-failure.ts';
import type { ConnectionStateName } from '../../domain/connection-state.ts';
import {
  DISCONNECT_CLASSES,
  DISCONNECT_REASONS,
  type DisconnectClass,
  LOCAL_CLOSE_REASONS,
  type LocalCloseReason,
} from '../../domain/disconnect.ts';
import type {
  ConnectFailed,
  Connected,
  ConnectionEvent,
  Disconnected,
  LocalClosed,
} from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { Goodbye, GoodbyeSet } from '../../domain/goodbye.ts';
import type { HintName } from '../../domain/hint.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { type Announcement, ANNOUNCEMENTS } from '../../settings/announcement.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { MetricName } from './metric-catalogue.ts';
import { samplesText } from './ordinary-metric.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';
import { type Cause, type TracedBuckets, type TracedCount, TracedCounter, TracedHistogram } from './traced-metric.ts';

const PEERS_STATES = [
  'resolving',
  'connecting',
  'handshaking',
  'established',
  'closing',
  'backoff',
  'retired',
] as const;
type PeersState = (typeof PEERS_STATES)[number];

/** What `finrst_peers` counts: a stopped peer is none. */
const COUNTED_AS: Readonly<Record<ConnectionStateName, PeersState | null>> = {
  backoff: 'backoff',
  resolving: 'resolving',
  connecting: 'connecting',
  handshaking: 'handshaking',
  established: 'established',
  closing: 'closing',
  retired: 'retired',
  stopped: null,
};

/** Series by the values of one label. */
type SeriesBy<Value extends string, Series> = ReadonlyMap<Value, Series>;

type Ends = {
  readonly counts: SeriesBy<string, TracedCount>;
  readonly duration: TracedBuckets;
  readonly idle: TracedBuckets;
};

/** What a phase of attempts has. */
type Phase = { readonly failures: SeriesBy<string, TracedCount>; readonly duration: TracedBuckets };

/** One group's series. An end finds its own by class and reason alone. */
class Group {
  readonly name: string;
  readonly disconnects = new TracedCounter('finrst_disconnects_by_reason_total');
  readonly failures = new TracedCounter('finrst_connect_failures_by_reason_total');
  readonly localCloses = new TracedCounter('finrst_local_closes_total');
  readonly goodbyes = new TracedCounter('finrst_goodbyes_total');
  readonly hints = new TracedCounter('finrst_hints_total');
  readonly duration = new TracedHistogram('finrst_connection_duration_seconds');
  readonly idle = new TracedHistogram('finrst_idle_at_disconnect_seconds');
  readonly connectDuration = new TracedHistogram('finrst_connect_duration_seconds');
  readonly downtime = new TracedHistogram('finrst_downtime_seconds');
  /** Null: its paths are not measured. */
  configuredSilenceMs: number | null = null;
  /** Null: its ends cannot be announced. */
  #announcements: Record<Announcement, number> | null = null;
  readonly #ends: SeriesBy<DisconnectClass, Ends>;
  readonly #closes: SeriesBy<LocalCloseReason, TracedCount>;
  readonly #closedDuration: TracedBuckets;
  readonly #phases = new Map<ConnectPhase, Phase>();
  /** By when and which; only those that the protocol of the group can say. */
  readonly #said = new Map<string, TracedCount>();
  /** Only those that were given. */
  readonly #given = new Map<HintName, TracedCount>();
  readonly #connected: TracedBuckets;
  readonly #downtime: TracedBuckets;
  readonly #states: Record<PeersState, number> = {
    resolving: 0,
    connecting: 0,
    handshaking: 0,
    established: 0,
    closing: 0,
    backoff: 0,
    retired: 0,
  };

  /** Every series begins at 0. */
  constructor(name: string) {
    this.name = name;
    const group = { group: name };
    this.#ends = seriesBy(DISCONNECT_CLASSES, (endClass) => ({
      counts: seriesBy<string, TracedCount>(DISCONNECT_REASONS[endClass], (reason) =>
        this.disconnects.series({ ...group, class: endClass, reason }),
      ),
      duration: this.duration.series({ ...group, class: endClass }),
      idle: this.idle.series({ ...group, class: endClass }),
    }));
    this.#closes = seriesBy(LOCAL_CLOSE_REASONS, (reason) => this.localCloses.series({ ...group, reason }));
    this.#closedDuration = this.duration.series({ ...group, class: 'local' });
    this.#downtime = this.downtime.series(group);
    this.beginPhase('dns');
    this.beginPhase('tcp');
    this.#connected = this.connectDuration.series({ ...group, phase: 'total' });
  }

  /** A phase that is configured has its series. Taking TLS or the awaited answer out of a group leaves them: what they counted stays true. */
  beginPhase(phase: ConnectPhase): Phase {
    const begun = this.#phases.get(phase);
    if (begun !== undefined) return begun;
    const group = this.name;
    const series: Phase = {
      failures: seriesBy<string, TracedCount>(CONNECT_FAILURE_REASONS[phase], (reason) =>
        this.failures.series({ group, phase, reason }),
      ),
      duration: this.connectDuration.series({ group, phase }),
    };
    this.#phases.set(phase, series);
    return series;
  }

  /** What the peers of the group can say has its series. Another protocol leaves them: what they counted stays true. */
  beginGoodbyes({ connect, held }: GoodbyeSet): void {
    for (const goodbye of connect) this.#goodbyeSeries('connect', goodbye);
    for (const goodbye of held) this.#goodbyeSeries('held', goodbye);
  }

  #goodbyeSeries(when: 'connect' | 'held', goodbye: Goodbye): TracedCount {
    const key = `${when} ${goodbye}`;
    const begun = this.#said.get(key);
    if (begun !== undefined) return begun;
    const series = this.goodbyes.series({ group: this.name, when, goodbye });
    this.#said.set(key, series);
    return series;
  }

  connected(event: Connected): void {
    const { timings, downtimeMs } = event;
    this.#connectPhase('dns', timings.dnsMs, event);
    this.#connectPhase('tcp', timings.tcpMs, event);
    this.#connectPhase('tls', timings.tlsMs, event);
    this.#connectPhase('protocol', timings.protocolMs, event);
    this.#connected.observe(timings.totalMs, event);
    if (downtimeMs !== undefined) this.#downtime.observe(downtimeMs, event);
  }

  connectFailed(event: ConnectFailed): void {
    known(this.beginPhase(event.phase).failures, event.reason).inc(event);
    if (event.goodbye !== undefined) this.#goodbyeSeries('connect', event.goodbye).inc(event);
  }

  disconnected(event: Disconnected): void {
    const { counts, duration, idle } = known(this.#ends, event.class);
    known(counts, event.reason).inc(event);
    if (event.goodbye !== undefined) this.#goodbyeSeries('held', event.goodbye).inc(event);
    if (event.hint !== undefined) this.hinted(event.hint.name, event);
    duration.observe(event.durationMs, event);
    idle.observe(event.idleMs, event);
  }

  localClosed(event: LocalClosed): void {
    known(this.#closes, event.reason).inc(event);
    this.#closedDuration.observe(event.durationMs, event);
  }

  /** An end has at most one, and one more where what came later explains it. */
  hinted(hint: HintName, cause: Cause): void {
    const series = this.#given.get(hint) ?? this.hints.series({ group: this.name, hint });
    this.#given.set(hint, series);
    series.inc(cause);
  }

  /** What was announced stays true where a reload takes away who announces. */
  beginAnnouncements(): void {
    this.#announcements ??= { terminating: 0, removed: 0, requested: 0 };
  }

  announced(announcement: Announcement): void {
    if (this.#announcements !== null) this.#announcements[announcement]++;
  }

  announcementsText(format: ExpositionFormat): string {
    const counts = this.#announcements;
    if (counts === null) return '';
    const samples = ANNOUNCEMENTS.map((announcement) => ({
      labels: { group: this.name, announcement },
      value: counts[announcement],
    }));
    return samplesText({ name: 'finrst_announcements_total', samples }, format);
  }

  silenceText(format: ExpositionFormat): string {
    if (this.configuredSilenceMs === null) return '';
    const samples = [{ labels: { group: this.name }, value: toSeconds(this.configuredSilenceMs) }];
    return samplesText({ name: 'finrst_silence_configured_seconds', samples }, format);
  }

  countIn(state: PeersState, by: 1 | -1): void {
    this.#states[state] += by;
  }

  peersText(format: ExpositionFormat): string {
    const samples = PEERS_STATES.map((state) => ({
      labels: { group: this.name, state },
      value: this.#states[state],
    }));
    return samplesText({ name: 'finrst_peers', samples }, format);
  }

  #connectPhase(phase: ConnectPhase, milliseconds: number | undefined, event: Connected): void {
    if (milliseconds !== undefined) this.beginPhase(phase).duration.observe(milliseconds, event);
  }
}

function seriesBy<Value extends string, Series>(
  values: readonly Value[],
  create: (value: Value) => Series,
): SeriesBy<Value, Series> {
  return new Map(values.map((value) => [value, create(value)]));
}

/** The values of our labels are closed sets: what is in none of them is a bug. */
function known<Value extends string, Series>(series: SeriesBy<Value, Series>, value: Value): Series {
  const found = series.get(value);
  if (found === undefined) throw new TypeError(`${value} has no series`);
  return found;
}

/** The per-group families. A group's series are made together, at 0, and go together. What is late for a group that is gone changes nothing. */
export class GroupSeries {
  readonly #groups = new Map<string, Group>();
  /** The one state that each known peer is counted in. */
  readonly #counted = new Map<number, PeersState>();
  readonly families: readonly SlicedFamily[] = [
    this.#family('finrst_disconnects_by_reason_total', (group, format) => group.disconnects.text(format)),
    this.#family('finrst_connect_failures_by_reason_total', (group, format) => group.failures.text(format)),
    this.#family('finrst_goodbyes_total', (group, format) => group.goodbyes.text(format)),
    this.#family('finrst_hints_total', (group, format) => group.hints.text(format)),
    this.#family('finrst_local_closes_total', (group, format) => group.localCloses.text(format)),
    this.#family('finrst_connection_duration_seconds', (group, format) => group.duration.text(format)),
    this.#family('finrst_idle_at_disconnect_seconds', (group, format) => group.idle.text(format)),
    this.#family('finrst_connect_duration_seconds', (group, format) => group.connectDuration.text(format)),
    this.#family('finrst_downtime_seconds', (group, format) => group.downtime.text(format)),
    this.#family('finrst_announcements_total', (group, format) => group.announcementsText(format)),
    this.#family('finrst_silence_configured_seconds', (group, format) => group.silenceText(format)),
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
      case 'explained':
        return group?.hinted(event.by, event);
    }
  }

  peer(event: PeerEvent): void {
    switch (event.type) {
      case 'groupAdded': {
        if (event.isHeld === false) return void this.#groups.delete(event.group);
        const group = this.#groups.get(event.group) ?? new Group(event.group);
        this.#groups.set(event.group, group);
        if (event.tls) group.beginPhase('tls');
        if (event.expectsAnswer) group.beginPhase('protocol');
        if (event.canAnnounce) group.beginAnnouncements();
        group.configuredSilenceMs = event.configuredSilenceMs ?? null;
        if (event.goodbyes !== undefined) group.beginGoodbyes(event.goodbyes);
        return;
      }
      case 'groupRemoved':
        this.#groups.delete(event.group);
        return;
      case 'peerAdded':
      case 'peerChanged':
        return;
      case 'announcementChanged':
        if (event.isNew && event.announced !== null) this.#groups.get(event.peer.group)?.announced(event.announced);
        return;
      // Another shard holds the peer, and counts it.
      case 'peerHandedOver':
      case 'peerRemoved':
        return this.#countIn(event.peer, null);
      case 'stateEntered':
        return this.#countIn(event.peer, COUNTED_AS[event.state]);
    }
  }

  #countIn(peer: PeerRef, state: PeersState | null): void {
    const before = this.#counted.get(peer.id) ?? null;
    if (before === state) return;
    const group = this.#groups.get(peer.group);
    if (before !== null) group?.countIn(before, -1);
    if (state === null) {
      this.#counted.delete(peer.id);
      return;
    }
    this.#counted.set(peer.id, state);
    group?.countIn(state, 1);
  }

  /** One family over all groups, a slice per group. */
  #family(name: MetricName, textOf: (group: Group, format: ExpositionFormat) => string): SlicedFamily {
    const groups = this.#groups;
    function* slices(format: ExpositionFormat): Iterable<string> {
      for (const group of Array.from(groups.values())) {
        if (groups.get(group.name) === group) yield textOf(group, format);
      }
    }
    return slicedFamily(name, slices);
  }
}
