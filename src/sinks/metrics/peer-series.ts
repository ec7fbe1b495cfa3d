import { DISCONNECT_CLASSES, DISCONNECT_REASONS } from '../../domain/disconnect.ts';
import type { Disconnect } from '../../domain/disconnect.ts';
import type { ConnectFailed, Connected, Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import type { HeartbeatAnswered, Sampled, Traffic } from '../../domain/events/sample-events.ts';
import type { PeerAdded, PeerChanged, PeerFacts, PeerRemoved } from '../../domain/events/peer-events.ts';
import { columnFamily, infoFamily } from './column-family.ts';
import { createPeerTable } from './peer-table.ts';
import type { Column, PeerTable } from './peer-table.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** The per-peer families: a fold over the events of peers into typed-array columns. Late words about a removed peer change nothing. */
export type PeerSeries = {
  readonly families: readonly SlicedFamily[];
  readonly table: PeerTable;
  added(event: PeerAdded): void;
  changed(event: PeerChanged): void;
  removed(event: PeerRemoved): void;
  connectFailed(event: ConnectFailed): void;
  connected(event: Connected): void;
  traffic(event: Traffic): void;
  sampled(event: Sampled): void;
  heartbeatAnswered(event: HeartbeatAnswered): void;
  ended(event: Disconnected | LocalClosed): void;
};

/** All (class, reason) pairs; a column holds the index of the last one. */
const ENDS = DISCONNECT_CLASSES.flatMap((endClass) =>
  DISCONNECT_REASONS[endClass].map((reason) => ({ class: endClass, reason })),
);
const indexOfEnd = (end: Disconnect): number =>
  ENDS.findIndex((known) => known.class === end.class && known.reason === end.reason);

function createColumns(table: PeerTable) {
  return {
    up: table.column(0),
    disconnects: { eof: table.column(0), error: table.column(0), idle_timeout: table.column(0) },
    connections: table.column(0),
    /** NaN until the phase is configured; from then on it stays, because what it counted stays true. */
    failures: { dns: table.column(0), tcp: table.column(0), tls: table.column(NaN), protocol: table.column(NaN) },
    establishedAt: table.column(0),
    lastDisconnectAt: table.column(NaN),
    lastEnd: table.column(NaN),
    receivedBytes: table.column(0),
    sentBytes: table.column(0),
    lastReceivedAt: table.column(NaN),
    heartbeatRtt: table.column(NaN),
    tcpRtt: table.column(NaN),
    tcpMinRtt: table.column(NaN),
    retransmits: table.column(0),
    /** Of the current connection, as far as `retransmits` has counted them. */
    retransmitsSeen: table.column(0),
    certificateExpiry: table.column(NaN),
  };
}
type Columns = ReturnType<typeof createColumns>;
/** What the info series says, by row. */
type Info = { readonly facts: PeerFacts; readonly address: string };

export function createPeerSeries(): PeerSeries {
  const table = createPeerTable();
  const columns = createColumns(table);
  const infos: (Info | undefined)[] = [];
  return {
    families: peerFamilies(table, columns, infos),
    table,
    added({ peer, facts }) {
      if (table.rowOf(peer) !== undefined) return;
      const row = table.add(peer);
      infos[row] = { facts, address: '' };
      followFacts(facts, row, columns);
    },
    changed({ peer, facts }) {
      const row = table.rowOf(peer);
      if (row === undefined) return;
      infos[row] = { facts, address: infos[row]?.address ?? '' };
      followFacts(facts, row, columns);
    },
    removed({ peer }) {
      const row = table.remove(peer);
      if (row !== undefined) infos[row] = undefined;
    },
    connectFailed(event) {
      const row = table.rowOf(event.peer);
      if (row === undefined) return;
      const failures = columns.failures[event.phase];
      put(failures, row, (at(failures, row) || 0) + 1);
      certificate(event, row, columns);
    },
    connected(event) {
      const row = table.rowOf(event.peer);
      const info = row === undefined ? undefined : infos[row];
      if (row === undefined || info === undefined) return;
      infos[row] = { ...info, address: event.remote.address };
      connected(event, row, columns);
    },
    traffic: (event) => traffic(event, table.rowOf(event.peer), columns),
    sampled: (event) => sampled(event, table.rowOf(event.peer), columns),
    heartbeatAnswered({ peer, rttMs }) {
      const row = table.rowOf(peer);
      if (row !== undefined && at(columns.up, row) === 1) put(columns.heartbeatRtt, row, toSeconds(rttMs));
    },
    ended: (event) => ended(event, table.rowOf(event.peer), columns),
  };
}

function peerFamilies(
  table: PeerTable,
  columns: Columns,
  infos: readonly (Info | undefined)[],
): readonly SlicedFamily[] {
  const one = (name: string, column: Column) => columnFamily(table, name, [{ labels: {}, column }]);
  const by = (name: string, label: string, cells: Readonly<Record<string, Column>>) =>
    columnFamily(
      table,
      name,
      Object.entries(cells).map(([value, column]) => ({ labels: { [label]: value }, column })),
    );
  return [
    one('finrst_peer_up', columns.up),
    by('finrst_disconnects_total', 'class', columns.disconnects),
    one('finrst_connections_total', columns.connections),
    by('finrst_connect_failures_total', 'phase', columns.failures),
    one('finrst_connection_established_timestamp_seconds', columns.establishedAt),
    one('finrst_last_disconnect_timestamp_seconds', columns.lastDisconnectAt),
    infoFamily(table, 'finrst_last_disconnect_info', (row) => ENDS[at(columns.lastEnd, row)] ?? null),
    infoFamily(table, 'finrst_peer_info', (row) => {
      const info = infos[row];
      return info ? { address: info.address, ...info.facts.labels } : null;
    }),
    one('finrst_received_bytes_total', columns.receivedBytes),
    one('finrst_sent_bytes_total', columns.sentBytes),
    one('finrst_last_received_timestamp_seconds', columns.lastReceivedAt),
    one('finrst_heartbeat_rtt_seconds', columns.heartbeatRtt),
    one('finrst_tcp_rtt_seconds', columns.tcpRtt),
    one('finrst_tcp_min_rtt_seconds', columns.tcpMinRtt),
    one('finrst_tcp_retransmits_total', columns.retransmits),
    one('finrst_tls_certificate_expiry_timestamp_seconds', columns.certificateExpiry),
  ];
}

const at = (column: Column, row: number): number => column.values[row] ?? NaN;
const put = (column: Column, row: number, value: number): void => void (column.values[row] = value);
const add = (column: Column, row: number, value: number): void => put(column, row, at(column, row) + value);

function followFacts(facts: PeerFacts, row: number, columns: Columns): void {
  if (facts.tls && Number.isNaN(at(columns.failures.tls, row))) put(columns.failures.tls, row, 0);
  if (!facts.expectsAnswer) put(columns.heartbeatRtt, row, NaN);
}

function certificate(event: { readonly certificateExpiresAt?: number }, row: number, columns: Columns): void {
  if (event.certificateExpiresAt !== undefined) put(columns.certificateExpiry, row, event.certificateExpiresAt / 1000);
}

function connected(event: Connected, row: number, columns: Columns): void {
  put(columns.up, row, 1);
  add(columns.connections, row, 1);
  put(columns.establishedAt, row, event.at / 1000);
  put(columns.retransmitsSeen, row, 0);
  certificate(event, row, columns);
}

function traffic(event: Traffic, row: number | undefined, columns: Columns): void {
  if (row === undefined) return;
  add(columns.receivedBytes, row, event.receivedBytes);
  add(columns.sentBytes, row, event.sentBytes);
  if (event.lastReceivedAt !== undefined) put(columns.lastReceivedAt, row, event.lastReceivedAt / 1000);
}

function sampled(event: Sampled, row: number | undefined, columns: Columns): void {
  if (row === undefined || at(columns.up, row) !== 1) return;
  add(columns.retransmits, row, event.newRetransmits);
  put(columns.retransmitsSeen, row, event.tcp.totalRetransmits);
  put(columns.tcpRtt, row, toSeconds(event.tcp.rttMs));
  put(columns.tcpMinRtt, row, toSeconds(event.tcp.minRttMs));
}

/** The reading at the end may hold retransmits that no sample told of: with `sample_interval: 0s` it is the only one. */
function ended(event: Disconnected | LocalClosed, row: number | undefined, columns: Columns): void {
  if (row === undefined) return;
  put(columns.up, row, 0);
  for (const column of [columns.heartbeatRtt, columns.tcpRtt, columns.tcpMinRtt]) put(column, row, NaN);
  if (event.tcp)
    add(columns.retransmits, row, Math.max(0, event.tcp.totalRetransmits - at(columns.retransmitsSeen, row)));
  if (event.type === 'localClosed') return;
  add(columns.disconnects[event.class], row, 1);
  put(columns.lastDisconnectAt, row, event.at / 1000);
  put(columns.lastEnd, row, indexOfEnd(event));
}

/** To the nanosecond: dividing leaves noise in the last digits, and each digit is scraped. */
function toSeconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e9;
}
