import type { MetricDetail } from '../../settings/global-settings.ts';
import type { SeriesLabel } from '../../settings/series-labels.ts';
import {
  CONNECT_BUCKETS_SECONDS,
  DOWNTIME_BUCKETS_SECONDS,
  LIFETIME_BUCKETS_SECONDS,
  STALL_BUCKETS_SECONDS,
} from './bucket-bounds.ts';

/** One exported family. */
export type MetricFamily = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Target labels of `metrics.target_labels` stand beside them on per-peer families. */
  readonly labels: readonly SeriesLabel[];
  /** Per-peer families carry `group` and `peer` and exist from this detail level on; the others always exist. */
  readonly detail?: MetricDetail;
  readonly buckets?: readonly number[];
  /** Only with a journal configured; only where the histograms are not turned off. */
  readonly needs?: 'journal' | 'histograms';
};

const PEER = ['group', 'peer'] as const;

const FAMILIES = [
  {
    name: 'finrst_peer_up',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: '1 while a connection to the peer is established, else 0; absent until the first attempt has an outcome.',
  },
  {
    name: 'finrst_peer_down_seconds_total',
    type: 'counter',
    labels: PEER,
    detail: 'minimal',
    help: 'Time without a connection: from a disconnect, from a local close whose next attempt failed, or from the first failed attempt, to the next established connection; the interval that runs included.',
  },
  {
    name: 'finrst_last_connect_failure_info',
    type: 'gauge',
    labels: [...PEER, 'phase', 'reason'],
    detail: 'standard',
    help: 'Why the peer is down now: phase and reason of its last failed attempt; absent while established, and until an attempt failed.',
  },
  {
    name: 'finrst_disconnects_total',
    type: 'counter',
    labels: [...PEER, 'class'],
    detail: 'minimal',
    help: 'Connections that ended without our choosing it, by class: eof, error, idle_timeout.',
  },
  {
    name: 'finrst_peer_disconnects_by_reason_total',
    type: 'counter',
    labels: [...PEER, 'class', 'reason'],
    detail: 'full',
    help: 'The same by class and reason; a series appears with the first end of its kind, so increase() misses that one.',
  },
  {
    name: 'finrst_connections_total',
    type: 'counter',
    labels: PEER,
    detail: 'minimal',
    help: 'Connections established.',
  },
  {
    name: 'finrst_connect_failures_total',
    type: 'counter',
    labels: [...PEER, 'phase'],
    detail: 'minimal',
    help: 'Attempts that did not become a connection, by the phase they failed in.',
  },
  {
    name: 'finrst_connection_established_timestamp_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'standard',
    help: 'When the current or last connection was established, 0 = never.',
  },
  {
    name: 'finrst_last_disconnect_timestamp_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'standard',
    help: 'When the last disconnect happened; absent before the first.',
  },
  {
    name: 'finrst_last_disconnect_info',
    type: 'gauge',
    labels: [...PEER, 'class', 'reason'],
    detail: 'standard',
    help: 'Class and reason of the last disconnect; absent before the first.',
  },
  {
    name: 'finrst_peer_info',
    type: 'gauge',
    labels: [...PEER, 'address'],
    detail: 'standard',
    help: 'The IP address of the last established connection (empty before the first) and the labels of the target.',
  },
  {
    name: 'finrst_received_bytes_total',
    type: 'counter',
    labels: PEER,
    detail: 'full',
    help: 'Bytes received from the peer (with TLS: after decryption).',
  },
  {
    name: 'finrst_sent_bytes_total',
    type: 'counter',
    labels: PEER,
    detail: 'full',
    help: 'Bytes sent to the peer (with TLS: before encryption).',
  },
  {
    name: 'finrst_last_received_timestamp_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: 'When the last byte arrived; absent before the first.',
  },
  {
    name: 'finrst_heartbeat_rtt_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: 'Round trip of the last answered heartbeat; absent while down.',
  },
  {
    name: 'finrst_tcp_rtt_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: "The kernel's smoothed round trip time of the connection; absent while down.",
  },
  {
    name: 'finrst_tcp_min_rtt_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: "The kernel's minimum round trip time of the connection; absent while down.",
  },
  {
    name: 'finrst_tcp_retransmits_total',
    type: 'counter',
    labels: PEER,
    detail: 'full',
    help: 'TCP segments sent again.',
  },
  {
    name: 'finrst_tls_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: 'Earliest end of validity of the certificates that the verification used; of all presented ones where it failed or is off.',
  },
  {
    name: 'finrst_tls_handshake_timestamp_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'full',
    help: 'When the certificates behind finrst_tls_certificate_expiry_timestamp_seconds were read.',
  },
  {
    name: 'finrst_disconnects_by_reason_total',
    type: 'counter',
    labels: ['group', 'class', 'reason'],
    help: 'Connections that ended without our choosing it, by class and reason.',
  },
  {
    name: 'finrst_connect_failures_by_reason_total',
    type: 'counter',
    labels: ['group', 'phase', 'reason'],
    help: 'Attempts that did not become a connection, by phase and reason.',
  },
  {
    name: 'finrst_local_closes_total',
    type: 'counter',
    labels: ['group', 'reason'],
    help: 'Connections that we chose to close.',
  },
  {
    name: 'finrst_connection_duration_seconds',
    type: 'histogram',
    labels: ['group', 'class'],
    needs: 'histograms',
    buckets: LIFETIME_BUCKETS_SECONDS,
    help: 'Age of connections at their end, by class (local: closed by our choice).',
  },
  {
    name: 'finrst_idle_at_disconnect_seconds',
    type: 'histogram',
    labels: ['group', 'class'],
    needs: 'histograms',
    buckets: LIFETIME_BUCKETS_SECONDS,
    help: 'Time since the last received byte when the connection ended; a goodbye right before the end does not count.',
  },
  {
    name: 'finrst_connect_duration_seconds',
    type: 'histogram',
    labels: ['group', 'phase'],
    buckets: CONNECT_BUCKETS_SECONDS,
    help: 'Time spent in each phase of attempts that were established: dns, tcp, tls, protocol, total.',
  },
  {
    name: 'finrst_downtime_seconds',
    type: 'histogram',
    labels: ['group'],
    buckets: DOWNTIME_BUCKETS_SECONDS,
    help: 'From a disconnect to the next established connection.',
  },
  {
    name: 'finrst_peers',
    type: 'gauge',
    labels: ['group', 'state'],
    help: 'Peers by state: resolving, connecting, handshaking, established, closing, backoff (which includes the wait for the connect rate).',
  },
  {
    name: 'finrst_build_info',
    type: 'gauge',
    labels: ['version', 'revision', 'node_version'],
    help: 'What is running.',
  },
  {
    name: 'finrst_config_last_reload_successful',
    type: 'gauge',
    labels: [],
    help: 'Whether the last load of the configuration succeeded.',
  },
  {
    name: 'finrst_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the configuration was last loaded successfully.',
  },
  {
    name: 'finrst_config_info',
    type: 'gauge',
    labels: ['sha256'],
    help: 'The configuration in force: the first 12 digits of what sha256sum prints for the file.',
  },
  {
    name: 'finrst_kernel_evidence',
    type: 'gauge',
    labels: [],
    help: 'Whether the kernel can be asked why a socket died.',
  },
  {
    name: 'finrst_event_loop_stall_seconds',
    type: 'histogram',
    labels: [],
    buckets: STALL_BUCKETS_SECONDS,
    help: 'How long our own event loop was held up.',
  },
  {
    name: 'finrst_spans_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Spans by what became of them: exported, failed, dropped, suppressed.',
  },
  {
    name: 'finrst_scrapes_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Scrapes of this endpoint: ok, aborted, rejected.',
  },
  {
    name: 'finrst_last_run_clean',
    type: 'gauge',
    labels: [],
    needs: 'journal',
    help: 'Whether the run before this one ended in order.',
  },
  {
    name: 'finrst_journal_lines_lost_total',
    type: 'counter',
    labels: [],
    needs: 'journal',
    help: 'Lines of the journal that found no room in memory while the disk did not take them.',
  },
] as const satisfies readonly MetricFamily[];

/**
 * Every exported family, in the order of the exposition. The catalogue is the contract: `/metrics`, the dashboards, the
 * alerts and the docs are held against it.
 */
export const METRIC_CATALOGUE: readonly MetricFamily[] = FAMILIES;

type CataloguedFamily = (typeof FAMILIES)[number];

/** The name of a family. One that is not in the catalogue does not compile. */
export type MetricName = CataloguedFamily['name'];

/** The labels of each series of a family, all of them and no other. */
export type LabelsOf<N extends MetricName> = Readonly<
  Record<Extract<CataloguedFamily, { readonly name: N }>['labels'][number], string>
>;

const ORDER: ReadonlyMap<string, number> = new Map(FAMILIES.map(({ name }, index) => [name, index]));

/** The family of this name. */
export function familyNamed(name: MetricName): MetricFamily {
  return FAMILIES[ORDER.get(name) ?? 0] ?? FAMILIES[0];
}

/** Families of the catalogue in its order, in which they are exposed. */
export function inCatalogueOrder<F extends { readonly name: string }>(families: readonly F[]): readonly F[] {
  return families.toSorted((one, other) => (ORDER.get(one.name) ?? 0) - (ORDER.get(other.name) ?? 0));
}
