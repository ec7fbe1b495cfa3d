import type { Connected, ConnectFailed, Disconnected, LocalClosed } from '../domain/events/connection-events.ts';
import type { FinrstEvent } from '../domain/events/finrst-event.ts';
import type { PeerRef } from '../domain/peer-ref.ts';

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
  readonly add: (event: FinrstEvent) => void;
  /** In the order in which the peers appeared. */
  readonly peers: () => readonly PeerSummary[];
};

/** Starts empty; a peer appears with its `peerAdded` or its first outcome. */
export function createWatchSummary(): WatchSummary {
  const peers = new Map<number, PeerSummary>();
  const of = (peer: PeerRef): PeerSummary => peers.get(peer.id) ?? empty(peer);
  return {
    add(event) {
      switch (event.type) {
        case 'peerAdded':
        case 'connected':
        case 'connectFailed':
        case 'disconnected':
        case 'localClosed':
          peers.set(event.peer.id, next(of(event.peer), event));
          return;
        case 'groupAdded':
        case 'groupRemoved':
        case 'peerChanged':
        case 'peerRemoved':
        case 'stateEntered':
        case 'traffic':
        case 'sampled':
        case 'heartbeatAnswered':
        case 'loopStalled':
        case 'reloadSucceeded':
        case 'reloadFailed':
        case 'scraped':
        case 'warned':
        case 'started':
        case 'stopping':
        case 'stopped':
      }
    },
    peers: () => [...peers.values()],
  };
}

type Outcome = Connected | ConnectFailed | Disconnected | LocalClosed | { readonly type: 'peerAdded' };

function next(summary: PeerSummary, event: Outcome): PeerSummary {
  switch (event.type) {
    case 'peerAdded':
      return summary;
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
