import { endedConnection, type EndedConnection } from '../domain/ended-connection.ts';
import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import { MOST_CONNECTIONS } from '../domain/find-limit.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import type { Sink } from '../events/bus.ts';

/** What became of one peer while it was watched. Lengths in milliseconds. */
export type PeerSummary = {
  readonly peer: PeerRef;
  readonly connections: number;
  readonly failures: number;
  /** Time with an established connection, of those that ended. Stop first: then all have. */
  readonly upMs: number;
  /** Of connections that we did not close ourselves; null: none ended. */
  readonly shortestMs: number | null;
  /** Of all connections, those that we closed included; null: none ended. */
  readonly longestMs: number | null;
  /** `eof/fin` or `local/max_age` to how many. Our own shutdown at the end is left out: everybody knows. */
  readonly ends: Readonly<Record<string, number>>;
  /** `tcp/refused` to how many. */
  readonly failed: Readonly<Record<string, number>>;
  /** The last connections that ended, oldest first: what a conclusion is drawn from. */
  readonly ended: readonly EndedConnection[];
};

/** The summary as a fold over events. */
export type WatchSummary = {
  readonly sink: Required<Pick<Sink, 'connection' | 'peer'>>;
  /** In the order in which the peers appeared. */
  readonly peers: () => readonly PeerSummary[];
};

/** Starts empty; a peer appears with its `peerAdded` or its first outcome. `leastKeepaliveMs` as for `endedConnection`. */
export function createWatchSummary(leastKeepaliveMs: number | null): WatchSummary {
  const peers = new Map<number, PeerSummary>();
  const summaryOf = (peer: PeerRef): PeerSummary => peers.get(peer.id) ?? empty(peer);
  return {
    sink: {
      connection(event) {
        const summary = next(summaryOf(event.peer), event);
        peers.set(event.peer.id, { ...summary, ended: withEnd(summary.ended, event, leastKeepaliveMs) });
      },
      peer(event) {
        if (event.type === 'peerAdded') peers.set(event.peer.id, summaryOf(event.peer));
      },
    },
    peers: () => [...peers.values()],
  };
}

function next(summary: PeerSummary, event: ConnectionEvent): PeerSummary {
  switch (event.type) {
    case 'connected':
      return { ...summary, connections: summary.connections + 1 };
    case 'connectFailed': {
      const failed = counted(summary.failed, `${event.phase}/${event.reason}`);
      return { ...summary, failures: summary.failures + 1, failed };
    }
    case 'disconnected': {
      const shortestMs = Math.min(summary.shortestMs ?? Infinity, event.durationMs);
      const ends = counted(summary.ends, `${event.class}/${event.reason}`);
      return { ...summary, ...lived(summary, event.durationMs), shortestMs, ends };
    }
    case 'localClosed': {
      const ends = event.reason === 'shutdown' ? summary.ends : counted(summary.ends, `local/${event.reason}`);
      return { ...summary, ...lived(summary, event.durationMs), ends };
    }
  }
}

function withEnd(
  ended: readonly EndedConnection[],
  event: ConnectionEvent,
  leastKeepaliveMs: number | null,
): readonly EndedConnection[] {
  if (event.type !== 'disconnected' && event.type !== 'localClosed') return ended;
  return [...ended, endedConnection(event, leastKeepaliveMs)].slice(-MOST_CONNECTIONS);
}

function empty(peer: PeerRef): PeerSummary {
  const counts = { connections: 0, failures: 0, ends: {}, failed: {}, ended: [] };
  return { peer, upMs: 0, shortestMs: null, longestMs: null, ...counts };
}

function lived(summary: PeerSummary, durationMs: number): Pick<PeerSummary, 'upMs' | 'longestMs'> {
  return { upMs: summary.upMs + durationMs, longestMs: Math.max(summary.longestMs ?? 0, durationMs) };
}

function counted(counts: Readonly<Record<string, number>>, key: string): Readonly<Record<string, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}
