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
  /** Only with a journal configured; only where the histograms are not turned off; only where the process is a shard. */
  readonly needs?: 'journal' | 'histograms' | 'shards';
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
    help: 'Time without a connection: from a disconnect, from a local close whose next attempt failed, or from the first failed attempt, to the next established connection; not while an announcement stands; the interval that runs included.',
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
    name: 'finrst_announced_disconnects_total',
    type: 'counter',
    labels: [...PEER, 'class'],
    detail: 'minimal',
    help: 'Those of the disconnects that were announced before they came, or explained by news within 10 s; in groups whose ends can be announced.',
  },
  {
    name: 'finrst_peer_announced',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: '1 while the end of the peer is announced, its target vanished included, else 0: then it is not tried, and is not down; in groups whose ends can be announced.',
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
    labels: [...PEER, 'class', 'reason', 'goodbye'],
    detail: 'standard',
    help: 'Class and reason of the last disconnect, and what the peer said of it in its protocol (empty: nothing); absent before the first.',
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
    name: 'finrst_silence_survived_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: 'The longest silence that the path to the peer survived when it was measured last; absent until it was, and where none was survived.',
  },
  {
    name: 'finrst_silence_fatal_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: 'The shortest silence after which the path to the peer had forgotten the connection when it was measured last; absent until it was, and where no limit was found.',
  },
  {
    name: 'finrst_observed_connections',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: 'Connections that other processes of this host have established to the peer, in observed groups.',
  },
  {
    name: 'finrst_observed_connects_total',
    type: 'counter',
    labels: PEER,
    detail: 'minimal',
    help: 'Connections that other processes established while they were observed.',
  },
  {
    name: 'finrst_observed_connect_failures_total',
    type: 'counter',
    labels: PEER,
    detail: 'minimal',
    help: 'Attempts of other processes that did not become a connection, those that they gave up included.',
  },
  {
    name: 'finrst_observed_ends_total',
    type: 'counter',
    labels: [...PEER, 'class'],
    detail: 'minimal',
    help: 'Connections of other processes that left the established state, by class: eof, error, local (the process ended it).',
  },
  {
    name: 'finrst_observed_close_wait',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: 'Connections that the peer has closed and the process has not: an end that nobody noticed, a leak.',
  },
  {
    name: 'finrst_observed_close_wait_oldest_seconds',
    type: 'gauge',
    labels: PEER,
    detail: 'minimal',
    help: 'How long the oldest of them has been held so, at least; 0 where there is none.',
  },
  {
    name: 'finrst_observed_retransmits_total',
    type: 'counter',
    labels: PEER,
    detail: 'full',
    help: 'Segments that this host sent again on connections of other processes.',
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
    name: 'finrst_goodbyes_total',
    type: 'counter',
    labels: ['group', 'when', 'goodbye'],
    help: 'What peers said in the words of their protocol: of a login that they refused (connect), of an end (held). Groups with a protocol have those that it can say.',
  },
  {
    name: 'finrst_local_closes_total',
    type: 'counter',
    labels: ['group', 'reason'],
    help: 'Connections that we chose to close.',
  },
  {
    name: 'finrst_hints_total',
    type: 'counter',
    labels: ['group', 'hint'],
    help: 'What the evidence of disconnects supports beside their reason, at most one word for each; a series appears with the first of its kind, so increase() misses that one.',
  },
  {
    name: 'finrst_announcements_total',
    type: 'counter',
    labels: ['group', 'announcement'],
    help: 'Announced ends of peers: terminating, removed, requested; in groups whose ends can be announced.',
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
    help: 'Peers by state: resolving, connecting, handshaking, established, closing, backoff (which includes the wait for the connect rate), retired (its end is announced or its target is gone, and nothing is held).',
  },
  {
    name: 'finrst_silence_configured_seconds',
    type: 'gauge',
    labels: ['group'],
    help: "The longest silence of packets that the group's heartbeat and keepalive allow, the lateness of the kernel's timer included; +Inf: neither is on. In groups with silence.",
  },
  {
    name: 'finrst_sd_targets',
    type: 'gauge',
    labels: ['group', 'state'],
    help: 'Targets by what became of them: active, lingering, dropped, invalid, duplicate, other_shard.',
  },
  {
    name: 'finrst_sd_up',
    type: 'gauge',
    labels: ['group', 'mechanism'],
    help: 'Whether the last look at the sources of targets worked, or their watches are in sync; of several sources the worst.',
  },
  {
    name: 'finrst_sd_last_success_timestamp_seconds',
    type: 'gauge',
    labels: ['group', 'mechanism'],
    help: 'When the sources of targets were last read, 0 = never; of several sources the oldest.',
  },
  {
    name: 'finrst_sd_refreshes_total',
    type: 'counter',
    labels: ['group', 'mechanism', 'outcome'],
    help: 'Looks at sources of targets: ok, failed.',
  },
  {
    name: 'finrst_sd_refresh_duration_seconds',
    type: 'histogram',
    labels: ['mechanism'],
    buckets: [0.01, 0.1, 1, 10],
    help: 'How long a look at a source of targets took.',
  },
  {
    name: 'finrst_sd_updates_total',
    type: 'counter',
    labels: ['group'],
    help: 'Changed sets of targets that were applied.',
  },
  {
    name: 'finrst_sd_limit_exceeded',
    type: 'gauge',
    labels: ['group'],
    help: 'Whether there are more targets than target_limit, so that those of before stay.',
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
    name: 'finrst_incidents_total',
    type: 'counter',
    labels: ['scope'],
    help: 'Incidents, peers whose connections broke at the same moment, by what they share: group, label, prefix, process; counted when they are over, since the scope may turn out to be another one.',
  },
  {
    name: 'finrst_incident_active',
    type: 'gauge',
    labels: [],
    help: 'Incidents that run now.',
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
    name: 'finrst_event_streams_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Streams of events that are over: closed, slow (the reader was too far behind and was dropped), rejected (too many at once).',
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
  {
    name: 'finrst_host_softnet_dropped_total',
    type: 'counter',
    labels: [],
    help: 'Packets that this host dropped because a queue of received ones was full, over all network namespaces; since its start.',
  },
  {
    name: 'finrst_host_tcp_abort_on_timeout_total',
    type: 'counter',
    labels: [],
    help: 'Connections of this network namespace, of whichever program, that the kernel gave up because nothing was acknowledged.',
  },
  {
    name: 'finrst_host_listen_drops_total',
    type: 'counter',
    labels: [],
    help: 'Connections to this network namespace, to whichever program, that were dropped because no queue had room.',
  },
  {
    name: 'finrst_host_tcp_retransmits_total',
    type: 'counter',
    labels: [],
    help: 'Segments that this network namespace sent again, of whichever program.',
  },
  {
    name: 'finrst_shard_ordinal',
    type: 'gauge',
    labels: [],
    needs: 'shards',
    help: 'Which of the shards this process is, from 0.',
  },
  {
    name: 'finrst_shards',
    type: 'gauge',
    labels: [],
    needs: 'shards',
    help: 'The number of shards that decides which peers this process holds.',
  },
  {
    name: 'finrst_shards_wanted',
    type: 'gauge',
    labels: [],
    needs: 'shards',
    help: 'The number of shards that there are to be.',
  },
  {
    name: 'finrst_reshards_total',
    type: 'counter',
    labels: [],
    needs: 'shards',
    help: 'Changes of the share of the peers that this process holds.',
  },
  {
    name: 'finrst_sd_kubernetes_requests_total',
    type: 'counter',
    labels: ['resource', 'verb', 'outcome'],
    help: 'Requests to API servers of Kubernetes, each when it ended: ok, expired, unauthorized, forbidden, throttled, server_error, network.',
  },
  {
    name: 'finrst_sd_kubernetes_events_total',
    type: 'counter',
    labels: ['resource', 'event'],
    help: 'Objects that API servers of Kubernetes sent: add, update, delete.',
  },
  {
    name: 'finrst_observed_ends_by_reason_total',
    type: 'counter',
    labels: ['group', 'class', 'reason'],
    help: 'Ends of connections of other processes by class and reason, in observed groups.',
  },
  {
    name: 'finrst_observed_duration_seconds',
    type: 'histogram',
    labels: ['group', 'class'],
    buckets: LIFETIME_BUCKETS_SECONDS,
    needs: 'histograms',
    help: 'Age of connections of other processes at their end; those that existed before they were observed are left out.',
  },
  {
    name: 'finrst_observer_up',
    type: 'gauge',
    labels: [],
    help: '1 while connections of other processes are observed, 0 where that fails; absent where no group is observed.',
  },
  {
    name: 'finrst_observer_lost_events_total',
    type: 'counter',
    labels: [],
    help: 'Lines that the kernel dropped before they were read; absent where no group is observed.',
  },
  {
    name: 'finrst_observer_lost_ends_total',
    type: 'counter',
    labels: [],
    help: 'Observed connections that were gone, and no line said how; absent where no group is observed.',
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
