import type {
  ObservedConnected,
  ObservedConnection,
  ObservedEnded,
  ObservedEvent,
} from '../../domain/events/observed-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { Sink } from '../../events/bus.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { ObservedQuery, ObservedState } from './observed-query.ts';

/** An observed connection as `GET /api/v1/observed` has it. What is unknown is absent. */
export type ObservedStatus = {
  readonly group: string;
  readonly peer: string;
  readonly state: ObservedState;
  readonly local_address: string;
  readonly local_port: number;
  readonly remote_address: string;
  readonly remote_port: number;
  /** Since it was established. */
  readonly age_s?: number;
  /** Since the peer closed it; `at_least` where it was found so. */
  readonly close_wait_s?: number;
  readonly at_least?: true;
  readonly pid?: number;
  readonly executable?: string;
  readonly pod?: string;
};

/** One connection that is held now. Times are wall-clock milliseconds. */
export type HeldByOthers = {
  readonly connection: ObservedConnection;
  /** Null: it existed before Finrst looked. */
  readonly establishedAt: number | null;
  /** When the peer closed it; null: it is established. */
  readonly closedAt: number | null;
  /** It was found closed by the peer: it is longer than what is known. */
  readonly isOlder: boolean;
};

/**
 * Those to one peer, by the number of the connection, each in the order of its time. It stays where there are none: the next
 * one of a busy peer comes soon. `closeWait` is null until there was one.
 */
type OfPeer = {
  readonly peer: PeerRef;
  readonly established: Map<number, HeldByOthers>;
  closeWait: Map<number, HeldByOthers> | null;
};

/** What is held to one peer now. */
export type HeldNow = {
  readonly established: number;
  readonly closeWait: number;
  /** The first ones: those that the peer has closed, then the others, each the oldest first. */
  readonly first: readonly HeldByOthers[];
};

/** The connections of other processes that are held now, as a fold over events. */
export class ObservedConnections {
  readonly #byPeer = new Map<number, OfPeer>();
  readonly sink: Sink = {
    observed: (event) => this.#observed(event),
    peer: (event) => {
      if (event.type === 'peerRemoved') this.#removed(event.peer.id, event.replacedBy);
    },
  };

  /** Found while they are read. `now`: wall clock. */
  *list({ group, peer: name, state }: ObservedQuery, now: number): Iterable<ObservedStatus> {
    for (const { peer, established, closeWait } of this.#byPeer.values()) {
      if (group !== undefined && peer.group !== group) continue;
      if (name !== undefined && peer.peer !== name) continue;
      if (state !== 'established') for (const held of closeWait?.values() ?? []) yield statusOf(peer, held, now);
      if (state !== 'close_wait') for (const held of established.values()) yield statusOf(peer, held, now);
    }
  }

  /** Those to the peer with this number, at most so many of them one by one. */
  of(peerId: number, most: number): HeldNow {
    const known = this.#byPeer.get(peerId);
    if (known === undefined) return { established: 0, closeWait: 0, first: [] };
    const { established, closeWait } = known;
    const first: HeldByOthers[] = [];
    for (const held of [closeWait, established]) {
      for (const one of held?.values() ?? []) {
        if (first.length === most) break;
        first.push(one);
      }
    }
    return { established: established.size, closeWait: closeWait?.size ?? 0, first };
  }

  #observed(event: ObservedEvent): void {
    switch (event.type) {
      case 'observerChanged':
        if (!event.isUp) this.#byPeer.clear();
        return;
      case 'observedConnected':
        return this.#connected(event);
      case 'observedEnded':
        return this.#ended(event);
      case 'observedReleased':
      case 'observedLost':
        return this.#gone(event);
      case 'observedConnectFailed':
      case 'observedLeak':
      case 'observedRetransmits':
      case 'observedExplained':
      case 'observedLinesLost':
        return;
    }
  }

  #connected({ peer, connection, at, isFound, isCloseWait }: ObservedConnected): void {
    const known = this.#byPeer.get(peer.id) ?? { peer, established: new Map(), closeWait: null };
    this.#byPeer.set(peer.id, known);
    const establishedAt = isFound ? null : at;
    if (isCloseWait) hold(known, { connection, establishedAt, closedAt: at, isOlder: true });
    else known.established.set(connection.id, { connection, establishedAt, closedAt: null, isOlder: false });
  }

  #ended({ peer, connection, at, isCloseWait }: ObservedEnded): void {
    const known = this.#byPeer.get(peer.id);
    const held = known?.established.get(connection.id);
    known?.established.delete(connection.id);
    if (known !== undefined && held !== undefined && isCloseWait) hold(known, { ...held, closedAt: at });
  }

  #gone({ peer, connection }: About): void {
    const known = this.#byPeer.get(peer.id);
    known?.established.delete(connection.id);
    known?.closeWait?.delete(connection.id);
  }

  /** What is observed of it goes on where another peer takes its place. */
  #removed(id: number, replacedBy: PeerRef | undefined): void {
    const known = this.#byPeer.get(id);
    this.#byPeer.delete(id);
    if (known !== undefined && replacedBy !== undefined)
      this.#byPeer.set(replacedBy.id, { ...known, peer: replacedBy });
  }
}

function hold(known: OfPeer, held: HeldByOthers): void {
  known.closeWait ??= new Map();
  known.closeWait.set(held.connection.id, held);
}

type About = { readonly peer: PeerRef; readonly connection: ObservedConnection };

function statusOf(peer: PeerRef, held: HeldByOthers, now: number): ObservedStatus {
  const { connection, establishedAt, closedAt, isOlder } = held;
  const { local, remote, owner } = connection;
  const since = (at: number): number => Math.max(0, toSeconds(now - at));
  return {
    group: peer.group,
    peer: peer.peer,
    state: closedAt === null ? 'established' : 'close_wait',
    local_address: local.address,
    local_port: local.port,
    remote_address: remote.address,
    remote_port: remote.port,
    ...(establishedAt !== null && { age_s: since(establishedAt) }),
    ...(closedAt !== null && { close_wait_s: since(closedAt) }),
    ...(isOlder && { at_least: true }),
    ...(owner !== null && { pid: owner.pid }),
    ...(typeof owner?.executable === 'string' && { executable: owner.executable }),
    ...(typeof owner?.pod === 'string' && { pod: owner.pod }),
  };
}
