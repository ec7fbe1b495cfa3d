import type { ObservedConnected, ObservedEnded, ObservedEvent } from '../../domain/events/observed-events.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerAdded, PeerChanged, PeerEvent } from '../../domain/events/peer-events.ts';
import { followObserved } from '../../domain/observed/follow-observed.ts';
import { observedConnectionId } from '../../domain/observed/observed-connection-id.ts';
import type { Sink } from '../../events/bus.ts';
import { observedBreakSpan } from './break-span.ts';
import type { Incidents, PeerEnded } from './incidents.ts';
import { SETTLED_MS } from './known-peer.ts';

/** What is known of the applications' connections to one peer. Times are wall-clock milliseconds. */
type Watched = {
  /** Established now. */
  held: number;
  /** Where one was established last; null: none was. */
  remote: Endpoint | null;
  /** The last one that ended in order, at first when the peer was watched first: nobody knows what was before. */
  finAt: number;
};

/**
 * What the connections of other processes go through, as that of their peers: a peer is connected while any of them is. A pool
 * loses connections in order all day; an orderly end counts only where the peer had none in the ten minutes before.
 */
export class ObservedEnds {
  readonly sink: Sink = { peer: (event) => this.#peer(event), observed: (event) => this.#observed(event) };
  readonly #incidents: Incidents;
  readonly #ended: () => void;
  readonly #groups = new Set<string>();
  readonly #watched = new Map<number, Watched>();

  /** `ended`: an end may be part of something. */
  constructor(incidents: Incidents, ended: () => void) {
    this.#incidents = incidents;
    this.#ended = ended;
  }

  #peer(event: PeerEvent): void {
    const change = followObserved(event, this.#groups);
    switch (change?.kind) {
      case 'known':
        return this.#known(change.event);
      case 'gone':
        return this.#forget(change.peer.id);
      case 'replaced':
        return this.#replaced(change.peer.id, change.by.id);
      case undefined:
        return;
    }
  }

  #known({ type, at, peer, facts }: PeerAdded | PeerChanged): void {
    this.#incidents.know(peer, facts);
    const watched = this.#watched.get(peer.id);
    if (watched === undefined) this.#watched.set(peer.id, { held: 0, remote: null, finAt: at });
    // It took the place of another one, whose connections it has.
    else if (type === 'peerAdded' && watched.held > 0 && watched.remote !== null)
      this.#incidents.connected(peer.id, watched.remote, at);
  }

  #replaced(peerId: number, by: number): void {
    const watched = this.#watched.get(peerId);
    this.#forget(peerId);
    if (watched !== undefined) this.#watched.set(by, watched);
  }

  #forget(peerId: number): void {
    if (this.#watched.delete(peerId)) this.#incidents.forget(peerId);
  }

  #observed(event: ObservedEvent): void {
    switch (event.type) {
      case 'observerChanged':
        if (!event.isUp) for (const [id, watched] of this.#watched) this.#gone(id, watched, watched.held);
        return;
      case 'observedConnected': {
        const watched = this.#watched.get(event.peer.id);
        if (watched !== undefined && !event.isCloseWait) this.#connected(event, watched);
        return;
      }
      case 'observedEnded': {
        const watched = this.#watched.get(event.peer.id);
        if (watched !== undefined) this.#endedOne(event, watched);
        return;
      }
      case 'observedLost': {
        const watched = this.#watched.get(event.peer.id);
        if (watched !== undefined && !event.wasCloseWait) this.#gone(event.peer.id, watched, 1);
        return;
      }
      case 'observedConnectFailed':
      case 'observedReleased':
      case 'observedLeak':
      case 'observedRetransmits':
      case 'observedExplained':
      case 'observedLinesLost':
        return;
    }
  }

  #connected({ peer, connection, at }: ObservedConnected, watched: Watched): void {
    watched.held++;
    watched.remote = connection.remote;
    if (watched.held === 1) this.#incidents.connected(peer.id, connection.remote, at);
  }

  #endedOne(event: ObservedEnded, watched: Watched): void {
    const { at, peer, connection } = event;
    this.#gone(peer.id, watched, 1);
    const counted = countedAs(event, watched);
    if (counted === null) return;
    this.#incidents.ended({ ...endOf(event), ...counted });
    this.#ended();
    // Others of them live.
    if (watched.held > 0) this.#incidents.connected(peer.id, connection.remote, at);
  }

  #gone(peerId: number, watched: Watched, count: number): void {
    watched.held = Math.max(0, watched.held - count);
    if (watched.held === 0) this.#incidents.closed(peerId);
  }
}

/** As what it counts; null: it does not. */
function countedAs(event: ObservedEnded, watched: Watched): Pick<PeerEnded, 'class' | 'reason'> | null {
  switch (event.class) {
    case 'error':
      return { class: 'error', reason: event.reason };
    case 'local':
      return null;
    case 'eof': {
      const isFirst = event.at - watched.finAt >= SETTLED_MS;
      watched.finAt = event.at;
      return isFirst ? { class: 'eof', reason: event.reason } : null;
    }
  }
}

function endOf(event: ObservedEnded): Omit<PeerEnded, 'class' | 'reason'> {
  const { at, peer, connection, durationMs, trace } = event;
  return {
    peerId: peer.id,
    at,
    span: observedBreakSpan(event),
    isAnnounced: false,
    connectionId: observedConnectionId(connection),
    hint: null,
    ageMs: durationMs ?? null,
    silentMs: null,
    trace: trace ?? null,
  };
}
