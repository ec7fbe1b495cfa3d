import type { PeerFacts } from '../../domain/events/peer-events.ts';
import { GOODBYES } from '../../domain/goodbye.ts';
import type { TargetLabels } from '../../settings/target-labels.ts';
import { toSeconds } from '../../text/seconds.ts';
import { columnFamily, computedFamily, countedFamily, infoFamily } from './column-family.ts';
import { at } from './column-values.ts';
import type { EndCounts } from './end-counts.ts';
import type { MetricName } from './metric-catalogue.ts';
import type { Columns } from './peer-columns.ts';
import type { Column, PeerTable } from './peer-table.ts';
import { ENDS, FAILURES } from './reason-pairs.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** What the info series says, by row. */
export type Info = { readonly facts: PeerFacts; readonly targetLabels: TargetLabels; readonly address: string };

/** What families read beside the columns. */
export type PeerSources = {
  readonly infos: readonly (Info | undefined)[];
  readonly ends: EndCounts;
  readonly monotonic: () => number;
};

/** The families of a table of peers. */
export function peerFamilies(
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
    downFamily(table, columns, monotonic),
    infoFamily(table, 'finrst_last_connect_failure_info', {
      labelsOf: (row) => FAILURES[at(columns.lastFailure, row)] ?? null,
      columns: [columns.lastFailure],
    }),
    by('finrst_disconnects_total', 'class', columns.disconnects),
    countedFamily(table, 'finrst_peer_disconnects_by_reason_total', {
      kinds: ENDS,
      of: (row) => ends.of(row),
      columns: Object.values(columns.disconnects),
    }),
    by('finrst_announced_disconnects_total', 'class', columns.announcedDisconnects),
    one('finrst_peer_announced', columns.announced),
    one('finrst_connections_total', columns.connections),
    by('finrst_connect_failures_total', 'phase', columns.failures),
    one('finrst_connection_established_timestamp_seconds', columns.establishedAt),
    one('finrst_last_disconnect_timestamp_seconds', columns.lastDisconnectAt),
    lastEndFamily(table, columns),
    infoFamily(table, 'finrst_peer_info', { labelsOf: (row) => infoLabels(infos[row]), columns: [] }),
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

/** The one length that a scrape works out: the interval that runs is closed at the moment of reading. */
function downFamily(table: PeerTable, { downBefore, downSince }: Columns, monotonic: () => number): SlicedFamily {
  const isDown = (row: number): boolean => !Number.isNaN(at(downSince, row));
  return computedFamily(table, 'finrst_peer_down_seconds_total', {
    value: (row) => toSeconds(at(downBefore, row) + (isDown(row) ? monotonic() - at(downSince, row) : 0)),
    columns: [downBefore, downSince],
    isMoving: isDown,
  });
}

function lastEndFamily(table: PeerTable, { lastEnd, lastGoodbye }: Columns): SlicedFamily {
  return infoFamily(table, 'finrst_last_disconnect_info', {
    labelsOf: (row) => {
      const end = ENDS[at(lastEnd, row)];
      return end === undefined ? null : { ...end, goodbye: GOODBYES[at(lastGoodbye, row)] ?? '' };
    },
    columns: [lastEnd, lastGoodbye],
  });
}

/** Target labels stand on the series already. */
function infoLabels(info: Info | undefined): Readonly<Record<string, string>> | null {
  if (info === undefined) return null;
  const { facts, targetLabels, address } = info;
  const labels: Record<string, string> = { address };
  for (const name in facts.labels) if (!Object.hasOwn(targetLabels, name)) labels[name] = facts.labels[name] ?? '';
  return labels;
}
