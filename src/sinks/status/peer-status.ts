import type { ConnectPhase } from '../../domain/connect-failure.ts';
import type { ConnectionStateName } from '../../domain/connection-state.ts';
import type { DisconnectClass } from '../../domain/disconnect.ts';
import type { ConnectFailed, ConnectionEvent, Disconnected, Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerEvent, PeerFacts } from '../../domain/events/peer-events.ts';
import type { Traffic } from '../../domain/events/sample-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { Sink } from '../../events/bus.ts';
import { formatHostPort } from '../../text/host-port.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';

/** One peer as `GET /api/v1/peers` shows it. Times are RFC 3339 in UTC with milliseconds; what never happened is absent. */
export type PeerStatus = {
  readonly group: string;
  readonly peer: string;
  readonly state: ConnectionStateName;
  /** Whether a connection is established. */
  readonly up: boolean;
  /** When the peer entered its state. */
  readonly since: string;
  readonly tls: boolean;
  readonly labels: Readonly<Record<string, string>>;
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
  readonly class: DisconnectClass;
  readonly reason: string;
  readonly errno?: string;
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
  /** Every known peer, in the order they were added. Made while it is read: a peer removed meanwhile is left out. */
  list(): Iterable<PeerStatus>;
};

/** What is remembered of a peer between events, no more than is shown; the words people read are made when they ask. */
type Entry = {
  readonly ref: PeerRef;
  facts: PeerFacts;
  state: ConnectionStateName;
  since: number;
  connection: { readonly id: string; readonly remote: Endpoint; readonly at: number } | null;
  up: boolean;
  connections: number;
  readonly disconnects: Record<DisconnectClass, number>;
  localCloses: number;
  connectFailures: number;
  failuresInARow: number;
  receivedBytes: number;
  sentBytes: number;
  lastDisconnect: LastDisconnect | null;
  lastFailure: LastConnectFailure | null;
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
    *list() {
      for (const entry of entries.values()) yield show(entry);
    },
  };
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
    }
  }
}

function foldConnection(entry: Entry, event: ConnectionEvent): void {
  switch (event.type) {
    case 'connected':
      entry.connection = { id: event.connectionId, remote: event.remote, at: event.at };
      entry.up = true;
      entry.connections++;
      entry.failuresInARow = 0;
      return;
    case 'connectFailed':
      entry.connectFailures++;
      entry.failuresInARow = event.failuresInARow;
      entry.lastFailure = failureOf(event);
      return;
    case 'disconnected':
      entry.up = false;
      entry.disconnects[event.class]++;
      entry.lastDisconnect = disconnectOf(event);
      return;
    case 'localClosed':
      entry.up = false;
      entry.localCloses++;
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
    state: 'backoff',
    since: at,
    connection: null,
    up: false,
    connections: 0,
    disconnects: { eof: 0, error: 0, idle_timeout: 0 },
    localCloses: 0,
    connectFailures: 0,
    failuresInARow: 0,
    receivedBytes: 0,
    sentBytes: 0,
    lastDisconnect: null,
    lastFailure: null,
  };
}

function show(entry: Entry): PeerStatus {
  const { connection, up, lastDisconnect, lastFailure } = entry;
  return {
    group: entry.ref.group,
    peer: entry.ref.peer,
    state: entry.state,
    up,
    since: timestamp(entry.since),
    tls: entry.facts.tls,
    labels: entry.facts.labels,
    ...(connection ? { address: formatHostPort(connection.remote.address, connection.remote.port) } : {}),
    ...(connection && up ? { connection_id: connection.id, established_at: timestamp(connection.at) } : {}),
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
  const { at, class: endClass, reason, errno, durationMs, idleMs, quietMs } = event;
  return {
    at,
    class: endClass,
    reason,
    ...(errno === undefined ? {} : { errno }),
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
