import type { Pace } from '../../clock/turn-slices.ts';
import type { Scraped, StreamEnded, Warned } from '../../domain/events/process-events.ts';
import type { PeerName, PeerTarget, ShardOfPeer } from '../../domain/peer-target.ts';
import type { TargetQuery, TargetStatus } from '../../domain/target-state.ts';
import type { PageSection } from '../../explanations/reasons-page.ts';
import type { SettingPlaces } from '../../settings/setting-places.ts';
import type { ReloadResult } from '../../settings/reload-result.ts';
import type { EventQuery } from '../../sinks/status/event-query.ts';
import type { FleetReading } from '../../sinks/status/fleet-history.ts';
import type { HealthReading } from '../../sinks/status/own-health.ts';
import type { HistorySummary, PeerHistory } from '../../sinks/status/peer-history.ts';
import type { IncidentRecord, IncidentStatus } from '../../sinks/status/known-incidents.ts';
import type { PeerQuery } from '../../sinks/status/peer-query.ts';
import type { PeerEntry, PeerStatus } from '../../sinks/status/peer-status.ts';
import type { ObservedStatus } from '../../sinks/status/observed-connections.ts';
import type { ObservedOfPeer } from '../../sinks/status/observed-peers.ts';
import type { ObservedQuery } from '../../sinks/status/observed-query.ts';
import type { EventFeed } from '../../sinks/status/recent-events.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';

/** What the web server reads from the daemon and asks of it. */
export type WebBackend = {
  /** The exposition in pieces, made while they are read and as the pace allows. */
  readonly render: (format: ExpositionFormat, pace: Pace) => AsyncIterable<string | Uint8Array>;
  /** Null when ready, else why not, in one sentence. */
  readonly notReady: () => string | null;
  /** Resolves when the whole configuration is applied, or was refused. */
  readonly reload: () => Promise<ReloadResult>;
  /** The configuration as loaded, masked. */
  readonly configText: () => string;
  /** Where the settings of a group were given. */
  readonly settingPlaces: (group: string) => SettingPlaces;
  /** The section of docs/reasons.md with this anchor, its body as Markdown; null: it cannot be had. */
  readonly runbookOf: (anchor: string) => Promise<PageSection | null>;
  /** The peers that are asked for, made while they are read. */
  readonly peers: (query: PeerQuery) => Iterable<PeerStatus>;
  /** The targets that are asked for, found while they are read. */
  readonly targets: (query: TargetQuery) => Iterable<TargetStatus>;
  /** How many targets of each group the rules dropped. */
  readonly droppedTargets: () => Readonly<Record<string, number>>;
  /** The connections of other processes that are asked for, found while they are read. */
  readonly observed: (query: ObservedQuery) => Iterable<ObservedStatus>;
  /** What is known of those to the peer with this number, at most so many of them one by one; null: it is not observed. */
  readonly observedOf: (id: number, most: number) => ObservedOfPeer | null;
  /** Each as JSON text, the newest first, found while they are read. */
  readonly events: (query: EventQuery) => Iterable<string>;
  /** The events for who follows them. */
  readonly feed: EventFeed;
  /** The newest first, at most 100. */
  readonly incidents: () => readonly IncidentStatus[];
  /** The same with what is kept of their ends. */
  readonly incidentRecords: () => readonly IncidentRecord[];
  /** Null: there was none with this id, or it is forgotten. */
  readonly incidentRecord: (id: string) => IncidentRecord | null;
  /** Of the peer with this number; null: it is not known any more. */
  readonly peerStatus: (id: number) => PeerStatus | null;
  /** Of the peer with this number; null: it is not known any more. */
  readonly peerHistory: (id: number) => PeerHistory | null;
  /** When a peer went that this process knew, wall-clock milliseconds; null: it did not, or that is forgotten. */
  readonly peerRemovedAt: (peer: PeerName) => number | null;
  readonly peersByGroup: () => ReadonlyMap<string, number>;
  /** Null: no target makes the peer. */
  readonly targetOf: (peer: PeerName) => PeerTarget | null;
  /** Null: there are no shards, or it is not known yet how many. */
  readonly shardOf: (peer: PeerName) => ShardOfPeer | null;
  /** Every peer as it is kept, in the order of the configuration: found while it is read. */
  readonly peerEntries: () => Iterable<PeerEntry>;
  /** What a row shows of the past of the peer with this number; null: it is not known any more. */
  readonly peerSummary: (id: number) => HistorySummary | null;
  /** When the first of its certificates ends, wall-clock milliseconds; null: none was read. */
  readonly certificateEndsAt: (id: number) => number | null;
  /** Of the connection that is held; null: there is none, or the kernel cannot be asked. */
  readonly roundTripMs: (id: number) => number | null;
  /** What happened to all peers together. */
  readonly fleet: () => FleetReading;
  /** How this process itself does. */
  readonly health: () => HealthReading;
  readonly publish: (event: Scraped | StreamEnded | Warned) => void;
};
