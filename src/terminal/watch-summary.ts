import type { ConnectionEvent } from '../domain/events/connection-events.ts';
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
};

/** The summary as a fold over events. */
export type WatchSummary = {
  readonly sink: Required<Pick<Sink, 'connection' | 'peer'>>;
  /** In the order in which the peers appeared. */
  readonly peers: () => readonly PeerSummary[];
};

/** Starts empty; a peer appears with its `peerAdded` or its first outcome. */
export function createWatchSummary(): WatchSummary {
  const peers = new Map<number, PeerSummary>();
  const summaryOf = (peer: PeerRef): PeerSummary => peers.get(peer.id) ?? empty(peer);
  return {
    sink: {
      connection: (event) => void peers.set(event.peer.id, next(summaryOf(event.peer), event)),
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

function empty(peer: PeerRef): PeerSummary {
  return { peer, connections: 0, failures: 0, upMs: 0, shortestMs: null, longestMs: null, ends: {}, failed: {} };
}

function lived(summary: PeerSummary, durationMs: number): Pick<PeerSummary, 'upMs' | 'longestMs'> {
  return { upMs: summary.upMs + durationMs, longestMs: Math.max(summary.longestMs ?? 0, durationMs) };
}

function counted(counts: Readonly<Record<string, number>>, key: string): Readonly<Record<string, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}
