import type { ObservedConnection, ObservedEvent } from '../../domain/events/observed-events.ts';
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

type Kept = {
  readonly peer: PeerRef;
  readonly connection: ObservedConnection;
  /** Null: it existed before. */
  readonly establishedAt: number | null;
  /** Null: it is established. */
  readonly closedAt: number | null;
  readonly isOlder: boolean;
};

type About = Pick<Kept, 'peer' | 'connection'>;

/** The connections of other processes that are held now, as a fold over events. */
export class ObservedConnections {
  readonly #kept = new Map<string, Kept>();
  readonly sink: Sink = {
    observed: (event) => this.#observed(event),
    peer: (event) => {
      if (event.type !== 'peerRemoved') return;
      if (event.replacedBy === undefined) this.#forget(event.peer.id);
      else this.#hand(event.peer.id, event.replacedBy);
    },
  };

  /** Found while they are read. `now`: wall clock. */
  *list({ group, peer, state }: ObservedQuery, now: number): Iterable<ObservedStatus> {
    for (const kept of this.#kept.values()) {
      if (group !== undefined && kept.peer.group !== group) continue;
      if (peer !== undefined && kept.peer.peer !== peer) continue;
      if (state !== undefined && stateOf(kept) !== state) continue;
      yield statusOf(kept, now);
    }
  }

  #observed(event: ObservedEvent): void {
    switch (event.type) {
      case 'observerChanged':
        if (!event.isUp) this.#kept.clear();
        return;
      case 'observedConnected': {
        const { peer, connection, at, isFound, isCloseWait } = event;
        const establishedAt = isFound ? null : at;
        const closedAt = isCloseWait ? at : null;
        this.#kept.set(keyOf(event), { peer, connection, establishedAt, closedAt, isOlder: isCloseWait });
        return;
      }
      case 'observedEnded': {
        const key = keyOf(event);
        const kept = this.#kept.get(key);
        if (kept !== undefined && event.isCloseWait) this.#kept.set(key, { ...kept, closedAt: event.at });
        else this.#kept.delete(key);
        return;
      }
      case 'observedReleased':
      case 'observedLost':
        this.#kept.delete(keyOf(event));
        return;
      case 'observedConnectFailed':
      case 'observedLeak':
      case 'observedRetransmits':
      case 'observedExplained':
      case 'observedLinesLost':
        return;
    }
  }

  #hand(id: number, peer: PeerRef): void {
    for (const [key, kept] of this.#kept) {
      if (kept.peer.id !== id) continue;
      this.#kept.delete(key);
      this.#kept.set(keyOf({ ...kept, peer }), { ...kept, peer });
    }
  }

  #forget(id: number): void {
    for (const [key, { peer }] of this.#kept) if (peer.id === id) this.#kept.delete(key);
  }
}

function keyOf({ peer, connection }: About): string {
  return `${peer.id} ${connection.id}`;
}

function stateOf({ closedAt }: Kept): ObservedState {
  return closedAt === null ? 'established' : 'close_wait';
}

function statusOf(kept: Kept, now: number): ObservedStatus {
  const { peer, connection, establishedAt, closedAt, isOlder } = kept;
  const { local, remote, owner } = connection;
  const since = (at: number): number => Math.max(0, toSeconds(now - at));
  return {
    group: peer.group,
    peer: peer.peer,
    state: stateOf(kept),
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
