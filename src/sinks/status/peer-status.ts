import type { ConnectPhase } from '../../domain/connect-failure.ts';
import type { DisconnectClass } from '../../domain/disconnect.ts';
import type { ConnectFailed, ConnectionEvent, Disconnected, Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerEvent, PeerFacts } from '../../domain/events/peer-events.ts';
import type { Traffic } from '../../domain/events/sample-events.ts';
import type { Announcement } from '../../settings/announcement.ts';
import type { HintName } from '../../domain/hint.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerQuery, PeerState } from './peer-query.ts';
import type { Sink } from '../../events/bus.ts';
import { formatHostPort } from '../../text/host-port.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';

/** One peer as `GET /api/v1/peers` shows it. Times are RFC 3339 in UTC with milliseconds; what never happened is absent. */
export type PeerStatus = {
  readonly group: string;
  readonly peer: string;
  readonly state: PeerState;
  /** Whether a connection is established. */
  readonly up: boolean;
  /** When the peer entered its state. */
  readonly since: string;
  readonly tls: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What is announced of the end of the peer; absent: nothing. */
  readonly announced?: Announcement;
  /** Address and port of the last established connection. */
  readonly address?: string;
  /** The established connection; absent while there is none. */
  readonly connection_id?: string;
  readonly established_at?: string;
  readonly connections: number;
  readonly disconnects: Readonly<Record<DisconnectClass, number>>;
  readonly local_closes: number;
  readonly connect_failures: number;
  /** Failed attempts since the peer was last established. */
  readonly failures_in_a_row: number;
  readonly received_bytes: number;
  readonly sent_bytes: number;
  readonly last_disconnect?: Timed<LastDisconnect>;
  readonly last_connect_failure?: Timed<LastConnectFailure>;
};
type Timed<T> = Omit<T, 'at'> & { readonly time: string };
type LastDisconnect = {
  readonly at: number;
  readonly connection_id: string;
  readonly class: DisconnectClass;
  readonly reason: string;
  readonly errno?: string;
  readonly announced?: Announcement;
  readonly hint?: HintName;
  readonly duration_s: number;
  readonly idle_s: number;
  readonly quiet_s: number;
};
type LastConnectFailure = {
  readonly at: number;
  readonly phase: ConnectPhase;
  readonly reason: string;
  readonly errno?: string;
  readonly detail?: string;
};

export type PeerStatuses = {
  readonly sink: Sink;
  /** The known peers that match, in the order they were added. Made while it is read: a peer removed meanwhile is left out. */
  list(query: PeerQuery): Iterable<PeerStatus>;
  /** Found by the number of the peer; null: it is not known now. */
  of(id: number): PeerStatus | null;
  /** All of them as they are kept, in the same order. To be read at once: they change with each event. */
  entries(): Iterable<PeerEntry>;
};

/** What is known of a peer now. Times are wall-clock milliseconds. */
export type PeerEntry = Readonly<Entry>;

/** What is remembered of a peer between events, no more than is shown; the words people read are made when they ask. */
type Entry = {
  readonly ref: PeerRef;
  facts: PeerFacts;
  state: PeerState;
  since: number;
  announced: Announcement | null;
  /** Of the last established connection; null: there was none. */
  connectionId: string | null;
  remote: Endpoint | null;
  establishedAt: number;
  up: boolean;
  connections: number;
  readonly disconnects: Record<DisconnectClass, number>;
  localCloses: number;
  connectFailures: number;
  failuresInARow: number;
  /** When the first attempt of those in a row failed; 0: none did. */
  failingSince: number;
  receivedBytes: number;
  sentBytes: number;
  lastDisconnect: LastDisconnect | null;
  lastFailure: LastConnectFailure | null;
  /** From the last end or failure on, in whole milliseconds; null: it was never waited for, or not known. */
  retryInMs: number | null;
};

/** What `GET /api/v1/peers` knows: the present of each peer and how it last ended or failed. */
export function createPeerStatuses(): PeerStatuses {
  const entries = new Map<number, Entry>();
  return {
    sink: {
      peer: (event) => foldPeer(entries, event),
      connection(event) {
        const entry = entries.get(event.peer.id);
        if (entry) foldConnection(entry, event);
      },
      sample(event) {
        if (event.type !== 'traffic') return;
        const entry = entries.get(event.peer.id);
        if (entry) addTraffic(entry, event);
      },
    },
    of(id) {
      const entry = entries.get(id);
      return entry === undefined ? null : show(entry);
    },
    entries: () => entries.values(),
    *list(query) {
      let [skipped, left] = [0, query.limit];
      for (const entry of entries.values()) {
        if (!matches(entry, query) || skipped++ < query.offset) continue;
        yield show(entry);
        if (--left === 0) return;
      }
    },
  };
}

function matches({ ref, facts, state, lastDisconnect }: Entry, query: PeerQuery): boolean {
  return (
    (query.group === undefined || ref.group === query.group) &&
    (query.peer === undefined || ref.peer === query.peer) &&
    (query.state === undefined || state === query.state) &&
    (query.class === undefined || lastDisconnect?.class === query.class) &&
    query.labels.every(([name, value]) => Object.hasOwn(facts.labels, name) && facts.labels[name] === value)
  );
}

function foldPeer(entries: Map<number, Entry>, event: PeerEvent): void {
  switch (event.type) {
    case 'groupAdded':
    case 'groupRemoved':
      return;
    case 'peerAdded':
      if (!entries.has(event.peer.id)) entries.set(event.peer.id, begin(event.peer, event.facts, event.at));
      return;
    case 'peerRemoved':
      entries.delete(event.peer.id);
      return;
    case 'peerChanged': {
      const entry = entries.get(event.peer.id);
      if (entry) entry.facts = event.facts;
      return;
    }
    case 'stateEntered': {
      const entry = entries.get(event.peer.id);
      if (!entry) return;
      entry.state = event.state;
      entry.since = event.at;
      return;
    }
    case 'announcementChanged': {
      const entry = entries.get(event.peer.id);
      if (entry) entry.announced = event.announced;
      return;
    }
    case 'peerHandedOver':
      return;
  }
}

function foldConnection(entry: Entry, event: ConnectionEvent): void {
  switch (event.type) {
    case 'connected':
      entry.connectionId = event.connectionId;
      entry.remote = event.remote;
      entry.establishedAt = event.at;
      entry.up = true;
      entry.connections++;
      entry.failuresInARow = 0;
      entry.failingSince = 0;
      return;
    case 'connectFailed':
      entry.connectFailures++;
      if (entry.failingSince === 0) entry.failingSince = event.at;
      entry.failuresInARow = event.failuresInARow;
      entry.lastFailure = failureOf(event);
      entry.retryInMs = Math.round(event.retryInMs);
      return;
    case 'disconnected':
      entry.up = false;
      entry.disconnects[event.class]++;
      entry.lastDisconnect = disconnectOf(event);
      entry.retryInMs = event.retryInMs === undefined ? null : Math.round(event.retryInMs);
      return;
    case 'localClosed':
      entry.up = false;
      entry.localCloses++;
      entry.retryInMs = null;
      return;
    case 'explained':
      if (event.by === 'announced' && entry.lastDisconnect?.connection_id === event.connectionId)
        entry.lastDisconnect = { ...entry.lastDisconnect, announced: event.announced };
  }
}

function addTraffic(entry: Entry, event: Traffic): void {
  entry.receivedBytes += event.receivedBytes;
  entry.sentBytes += event.sentBytes;
}

function begin(ref: PeerRef, facts: PeerFacts, at: number): Entry {
  return {
    ref,
    facts,
    state: facts.isHeld === false ? 'not_held' : 'backoff',
    since: at,
    announced: null,
    connectionId: null,
    remote: null,
    establishedAt: 0,
    up: false,
    connections: 0,
    disconnects: { eof: 0, error: 0, idle_timeout: 0 },
    localCloses: 0,
    connectFailures: 0,
    failuresInARow: 0,
    failingSince: 0,
    receivedBytes: 0,
    sentBytes: 0,
    lastDisconnect: null,
    lastFailure: null,
    retryInMs: null,
  };
}

function show(entry: Entry): PeerStatus {
  const { connectionId, remote, establishedAt, up, lastDisconnect, lastFailure } = entry;
  return {
    group: entry.ref.group,
    peer: entry.ref.peer,
    state: entry.state,
    up,
    since: timestamp(entry.since),
    tls: entry.facts.tls,
    labels: entry.facts.labels,
    ...(entry.announced === null ? {} : { announced: entry.announced }),
    ...(remote ? { address: formatHostPort(remote.address, remote.port) } : {}),
    ...(up && connectionId !== null && { connection_id: connectionId, established_at: timestamp(establishedAt) }),
    connections: entry.connections,
    disconnects: entry.disconnects,
    local_closes: entry.localCloses,
    connect_failures: entry.connectFailures,
    failures_in_a_row: entry.failuresInARow,
    received_bytes: entry.receivedBytes,
    sent_bytes: entry.sentBytes,
    ...(lastDisconnect ? { last_disconnect: timed(lastDisconnect) } : {}),
    ...(lastFailure ? { last_connect_failure: timed(lastFailure) } : {}),
  };
}

function disconnectOf(event: Disconnected): LastDisconnect {
  const { at, connectionId, class: endClass, reason, errno, announced, hint, durationMs, idleMs, quietMs } = event;
  return {
    at,
    connection_id: connectionId,
    class: endClass,
    reason,
    ...(errno === undefined ? {} : { errno }),
    ...(announced === undefined ? {} : { announced }),
    ...(hint === undefined ? {} : { hint: hint.name }),
    duration_s: toSeconds(durationMs),
    idle_s: toSeconds(idleMs),
    quiet_s: toSeconds(quietMs),
  };
}

function failureOf({ at, phase, reason, errno, detail }: ConnectFailed): LastConnectFailure {
  return {
    at,
    phase,
    reason,
    ...(errno === undefined ? {} : { errno }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** As it is remembered, with the time as text. */
function timed<T extends { readonly at: number }>({ at, ...rest }: T): Timed<T> {
  return { time: timestamp(at), ...rest };
}
