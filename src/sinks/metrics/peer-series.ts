import type { Clock } from '../../clock/clock.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import type { ConnectFailed, Connected, ConnectionEvent, Disconnected } from '../../domain/events/connection-events.ts';
import type { PeerAdded, PeerChanged, PeerEvent, PeerFacts } from '../../domain/events/peer-events.ts';
import type { LoopStalled, Sampled, SampleEvent, Traffic } from '../../domain/events/sample-events.ts';
import { GOODBYES } from '../../domain/goodbye.ts';
import type { TargetLabels } from '../../settings/target-labels.ts';
import { toSeconds } from '../../text/seconds.ts';
import { columnFamily, computedFamily, countedFamily, infoFamily } from './column-family.ts';
import { EndCounts } from './end-counts.ts';
import { add, at, begin, put, secondsOrNone } from './column-values.ts';
import type { MetricName } from './metric-catalogue.ts';
import { type Column, PeerTable } from './peer-table.ts';
import { ENDS, FAILURES, indexOfEnd, indexOfFailure } from './reason-pairs.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** The samples that are about a peer. */
export type PeerSample = Exclude<SampleEvent, LoopStalled>;

function createColumns(table: PeerTable) {
  return {
    /** NaN until the first attempt has an outcome: a peer that was not tried yet is neither up nor down. */
    up: table.column(NaN),
    /** Milliseconds of the intervals without a connection that are over. */
    downBefore: table.counter(0),
    /** When the interval that runs began, on the monotonic clock; NaN: the peer is not down. */
    downSince: table.column(NaN),
    disconnects: { eof: table.counter(0), error: table.counter(0), idle_timeout: table.counter(0) },
    /** NaN where its ends cannot be announced. */
    announcedDisconnects: { eof: table.counter(NaN), error: table.counter(NaN), idle_timeout: table.counter(NaN) },
    /** 1 while an announcement stands; NaN until one did, where its ends cannot be announced. */
    announced: table.column(NaN),
    connections: table.counter(0),
    /** NaN until the phase is configured; from then on it stays, because what it counted stays true. */
    failures: { dns: table.counter(0), tcp: table.counter(0), tls: table.counter(NaN), protocol: table.counter(NaN) },
    /** NaN while established, and after a disconnect until an attempt failed. */
    lastFailure: table.column(NaN),
    establishedAt: table.column(0),
    lastDisconnectAt: table.column(NaN),
    lastEnd: table.column(NaN),
    lastGoodbye: table.column(NaN),
    receivedBytes: table.counter(0),
    sentBytes: table.counter(0),
    lastReceivedAt: table.column(NaN),
    heartbeatRtt: table.column(NaN),
    tcpRtt: table.column(NaN),
    tcpMinRtt: table.column(NaN),
    retransmits: table.counter(0),
    certificateExpiry: table.column(NaN),
    certificateReadAt: table.column(NaN),
    silenceSurvived: table.column(NaN),
    silenceFatal: table.column(NaN),
  };
}
type Columns = ReturnType<typeof createColumns>;
/** What the info series says, by row. */
type Info = { readonly facts: PeerFacts; readonly targetLabels: TargetLabels; readonly address: string };

/** The per-peer families: a fold over events into typed-array columns. What is late for a peer that is gone changes nothing. */
export class PeerSeries {
  readonly families: readonly SlicedFamily[];
  readonly #table = new PeerTable();
  readonly #columns = createColumns(this.#table);
  readonly #infos: (Info | undefined)[] = [];
  readonly #ends = new EndCounts();
  readonly #monotonic: () => number;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#monotonic = () => clock.monotonic();
    this.families = peerFamilies(this.#table, this.#columns, {
      infos: this.#infos,
      ends: this.#ends,
      monotonic: this.#monotonic,
    });
  }

  connection(event: ConnectionEvent): void {
    const row = this.#table.rowOf(event.peer);
    if (row === undefined) return;
    switch (event.type) {
      case 'connected':
        this.#remember(row, event.remote.address);
        return connected(event, row, this.#columns);
      case 'connectFailed':
        this.#beginDown(row, event.downMs);
        return connectFailed(event, row, this.#columns);
      case 'disconnected':
        this.#beginDown(row, 0);
        ended(row, this.#columns);
        this.#ends.add(row, indexOfEnd(event));
        return disconnected(event, row, this.#columns);
      case 'localClosed':
        ended(row, this.#columns);
        if (event.reason === 'resharded') hideState(row, this.#columns);
        return;
      case 'explained':
        return event.by === 'announced' ? countAnnounced(event.class, row, this.#columns) : undefined;
    }
  }

  peer(event: PeerEvent): void {
    switch (event.type) {
      case 'peerAdded':
        if (this.#table.rowOf(event.peer) === undefined) this.#follow(this.#table.add(event.peer), event, '');
        return;
      case 'peerChanged': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        if (this.#table.relabel(row, event.peer)) this.#beginAnew(row);
        return this.#follow(row, event, this.#infos[row]?.address ?? '');
      }
      case 'peerRemoved': {
        const row = this.#table.remove(event.peer);
        if (row === undefined) return;
        this.#infos[row] = undefined;
        this.#ends.clear(row);
        return;
      }
      case 'announcementChanged': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        this.#endDown(row, event.downMs);
        put(this.#columns.announced, row, event.announced === null ? 0 : 1);
        return;
      }
      case 'peerHandedOver': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        this.#endDown(row, event.downMs);
        hideState(row, this.#columns);
        return;
      }
      case 'groupAdded':
      case 'groupRemoved':
      case 'stateEntered':
        return;
    }
  }

  sample(event: PeerSample): void {
    const row = this.#table.rowOf(event.peer);
    if (row === undefined) return;
    switch (event.type) {
      case 'traffic':
        return traffic(event, row, this.#columns);
      case 'sampled':
        return sampled(event, row, this.#columns);
      case 'silenceMeasured':
        put(this.#columns.silenceSurvived, row, secondsOrNone(event.survivedMs));
        put(this.#columns.silenceFatal, row, secondsOrNone(event.fatalMs));
        return;
      case 'certificateRead':
        return certificate({ expiresAt: event.expiresAt, readAt: event.at }, row, this.#columns);
      case 'heartbeatAnswered':
        if (at(this.#columns.up, row) === 1) put(this.#columns.heartbeatRtt, row, toSeconds(event.rttMs));
        return;
    }
  }

  /**
   * An interval without a connection runs; an event that says so again, rounded otherwise, must not move its begin. None
   * runs while an announcement stands.
   */
  #beginDown(row: number, forMs: number): void {
    const { downSince, announced } = this.#columns;
    if (at(announced, row) === 1) return;
    if (Number.isNaN(at(downSince, row))) put(downSince, row, this.#monotonic() - forMs);
  }

  #endDown(row: number, downMs: number | undefined): void {
    put(this.#columns.downSince, row, NaN);
    add(this.#columns.downBefore, row, downMs ?? 0);
  }

  #remember(row: number, address: string): void {
    const info = this.#infos[row];
    if (info) this.#infos[row] = { ...info, address };
  }

  /** The table let the counters begin at 0; an interval without a connection that runs counts from now. */
  #beginAnew(row: number): void {
    const { downSince, downBefore } = this.#columns;
    this.#ends.clear(row);
    if (!Number.isNaN(at(downSince, row))) put(downBefore, row, at(downSince, row) - this.#monotonic());
  }

  #follow(row: number, { facts, peer }: PeerAdded | PeerChanged, address: string): void {
    this.#infos[row] = { facts, targetLabels: peer.labels, address };
    const { failures, heartbeatRtt } = this.#columns;
    if (facts.tls) begin(failures.tls, row);
    if (facts.canAnnounce) beginAnnounced(row, this.#columns);
    if (facts.expectsAnswer) begin(failures.protocol, row);
    else put(heartbeatRtt, row, NaN);
  }
}

/** What families read beside the columns. */
type PeerSources = {
  readonly infos: readonly (Info | undefined)[];
  readonly ends: EndCounts;
  readonly monotonic: () => number;
};

function peerFamilies(
  table: PeerTable,
  columns: Columns,
  { infos, ends, monotonic }: PeerSources,
): readonly SlicedFamily[] {
  const one = (name: MetricName, column: Column) => columnFamily(table, name, [{ labels: {}, column }]);
  const by = (name: MetricName, label: string, cells: Readonly<Record<string, Column>>) =>
    columnFamily(
      table,
      name,
      Object.entries(cells).map(([value, column]) => ({ labels: { [label]: value }, column })),
    );
  return [
    one('finrst_peer_up', columns.up),
    // The one length that a scrape works out: the interval that runs is closed at the moment of reading.
    computedFamily(table, 'finrst_peer_down_seconds_total', (row) => {
      const since = at(columns.downSince, row);
      return toSeconds(at(columns.downBefore, row) + (Number.isNaN(since) ? 0 : monotonic() - since));
    }),
    infoFamily(table, 'finrst_last_connect_failure_info', (row) => FAILURES[at(columns.lastFailure, row)] ?? null),
    by('finrst_disconnects_total', 'class', columns.disconnects),
    countedFamily(table, 'finrst_peer_disconnects_by_reason_total', { kinds: ENDS, of: (row) => ends.of(row) }),
    by('finrst_announced_disconnects_total', 'class', columns.announcedDisconnects),
    one('finrst_peer_announced', columns.announced),
    one('finrst_connections_total', columns.connections),
    by('finrst_connect_failures_total', 'phase', columns.failures),
    one('finrst_connection_established_timestamp_seconds', columns.establishedAt),
    one('finrst_last_disconnect_timestamp_seconds', columns.lastDisconnectAt),
    infoFamily(table, 'finrst_last_disconnect_info', (row) => {
      const end = ENDS[at(columns.lastEnd, row)];
      return end === undefined ? null : { ...end, goodbye: GOODBYES[at(columns.lastGoodbye, row)] ?? '' };
    }),
    infoFamily(table, 'finrst_peer_info', (row) => {
      const info = infos[row];
      return info ? infoLabels(info) : null;
    }),
    one('finrst_received_bytes_total', columns.receivedBytes),
    one('finrst_sent_bytes_total', columns.sentBytes),
    one('finrst_last_received_timestamp_seconds', columns.lastReceivedAt),
    one('finrst_heartbeat_rtt_seconds', columns.heartbeatRtt),
    one('finrst_tcp_rtt_seconds', columns.tcpRtt),
    one('finrst_tcp_min_rtt_seconds', columns.tcpMinRtt),
    one('finrst_tcp_retransmits_total', columns.retransmits),
    one('finrst_tls_certificate_expiry_timestamp_seconds', columns.certificateExpiry),
    one('finrst_tls_handshake_timestamp_seconds', columns.certificateReadAt),
    one('finrst_silence_survived_seconds', columns.silenceSurvived),
    one('finrst_silence_fatal_seconds', columns.silenceFatal),
  ];
}

/** Target labels stand on the series already. */
function infoLabels({ facts, targetLabels, address }: Info): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { address };
  for (const name in facts.labels) if (!Object.hasOwn(targetLabels, name)) labels[name] = facts.labels[name] ?? '';
  return labels;
}

/** A handshake that showed no certificate leaves what is known. */
function certificate(reading: CertificateReading | undefined, row: number, columns: Columns): void {
  if (reading === undefined) return;
  put(columns.certificateExpiry, row, toSeconds(reading.expiresAt));
  put(columns.certificateReadAt, row, toSeconds(reading.readAt));
}

function connected(event: Connected, row: number, columns: Columns): void {
  put(columns.up, row, 1);
  put(columns.lastFailure, row, NaN);
  put(columns.downSince, row, NaN);
  add(columns.downBefore, row, event.downMs ?? 0);
  add(columns.connections, row, 1);
  put(columns.establishedAt, row, toSeconds(event.at));
  certificate(event.certificate, row, columns);
}

function connectFailed(event: ConnectFailed, row: number, columns: Columns): void {
  const failures = columns.failures[event.phase];
  begin(failures, row);
  add(failures, row, 1);
  put(columns.up, row, 0);
  put(columns.lastFailure, row, indexOfFailure(event));
  certificate(event.certificate, row, columns);
}

function traffic(event: Traffic, row: number, columns: Columns): void {
  add(columns.receivedBytes, row, event.receivedBytes);
  add(columns.sentBytes, row, event.sentBytes);
  if (event.lastReceivedAt !== undefined) put(columns.lastReceivedAt, row, toSeconds(event.lastReceivedAt));
}

function sampled(event: Sampled, row: number, columns: Columns): void {
  if (at(columns.up, row) !== 1) return;
  add(columns.retransmits, row, event.newRetransmits);
  put(columns.tcpRtt, row, toSeconds(event.tcp.rttMs));
  put(columns.tcpMinRtt, row, toSeconds(event.tcp.minRttMs));
}

/** However it ended. The last sample came right before, so its retransmits are counted. */
function ended(row: number, columns: Columns): void {
  put(columns.up, row, 0);
  put(columns.heartbeatRtt, row, NaN);
  put(columns.tcpRtt, row, NaN);
  put(columns.tcpMinRtt, row, NaN);
}

function disconnected(event: Disconnected, row: number, columns: Columns): void {
  add(columns.disconnects[event.class], row, 1);
  put(columns.lastDisconnectAt, row, toSeconds(event.at));
  put(columns.lastEnd, row, indexOfEnd(event));
  put(columns.lastGoodbye, row, event.goodbye === undefined ? NaN : GOODBYES.indexOf(event.goodbye));
  if (event.announced !== undefined) countAnnounced(event.class, row, columns);
}

/** Never more than there were disconnects: labels that changed in between let both begin at 0. */
function countAnnounced(endClass: DisconnectClass, row: number, columns: Columns): void {
  beginAnnounced(row, columns);
  const counted = columns.announcedDisconnects[endClass];
  if (at(counted, row) < at(columns.disconnects[endClass], row)) add(counted, row, 1);
}

function beginAnnounced(row: number, { announced, announcedDisconnects }: Columns): void {
  begin(announced, row);
  for (const endClass of DISCONNECT_CLASSES) begin(announcedDisconnects[endClass], row);
}

/** Another process knows what the connection does. */
function hideState(row: number, columns: Columns): void {
  put(columns.up, row, NaN);
  put(columns.announced, row, NaN);
  put(columns.lastFailure, row, NaN);
  put(columns.establishedAt, row, NaN);
}
