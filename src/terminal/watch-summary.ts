import { endedConnection } from '../domain/ended-connection.ts';
import { EndWindow } from '../domain/end-window.ts';
import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { SampleEvent } from '../domain/events/sample-events.ts';
import type { Limit } from '../domain/limit.ts';
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
  /** The limit of time that its ends show, by the rule of hints; null: they allow no claim. */
  readonly limit: Limit | null;
};

type Counts = Omit<PeerSummary, 'limit'>;

/** The summary as a fold over events. */
export type WatchSummary = {
  readonly sink: Required<Pick<Sink, 'connection' | 'peer' | 'sample'>>;
  /** In the order in which the peers appeared. */
  readonly peers: () => readonly PeerSummary[];
};

/** Starts empty; a peer appears with its `peerAdded` or its first outcome. */
export function createWatchSummary(): WatchSummary {
  const peers = new Map<number, Counts>();
  const windows = new Map<number, EndWindow>();
  const countsOf = (peer: PeerRef): Counts => peers.get(peer.id) ?? empty(peer);
  const windowOf = (peer: PeerRef): EndWindow => {
    const window = windows.get(peer.id) ?? new EndWindow();
    windows.set(peer.id, window);
    return window;
  };
  return {
    sink: {
      connection(event) {
        peers.set(event.peer.id, next(countsOf(event.peer), event));
        if (event.type === 'disconnected' || event.type === 'localClosed')
          windowOf(event.peer).add(endedConnection(event));
      },
      peer(event) {
        if (event.type === 'peerAdded') peers.set(event.peer.id, countsOf(event.peer));
      },
      sample(event: SampleEvent) {
        if (event.type === 'sampled' || event.type === 'stayedSilent') windowOf(event.peer).sampled(event.silences);
      },
    },
    peers: () => [...peers.values()].map((counts) => ({ ...counts, limit: windowOf(counts.peer).limit() })),
  };
}

function next(summary: Counts, event: ConnectionEvent): Counts {
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
    case 'explained':
      return summary;
  }
}

function empty(peer: PeerRef): Counts {
  const counts = { connections: 0, failures: 0, ends: {}, failed: {} };
  return { peer, upMs: 0, shortestMs: null, longestMs: null, ...counts };
}

function lived(summary: Counts, durationMs: number): Pick<PeerSummary, 'upMs' | 'longestMs'> {
  return { upMs: summary.upMs + durationMs, longestMs: Math.max(summary.longestMs ?? 0, durationMs) };
}

function counted(counts: Readonly<Record<string, number>>, key: string): Readonly<Record<string, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}
