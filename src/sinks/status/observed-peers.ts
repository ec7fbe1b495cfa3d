import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { ObservedEnded, ObservedEvent } from '../../domain/events/observed-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import { followObserved } from '../../domain/observed/follow-observed.ts';
import type { Sink } from '../../events/bus.ts';
import { EndSlots } from './end-slots.ts';
import type { HeldNow } from './observed-connections.ts';

/** How many ended, by what it was: they broke (`error`, of ours also `idle_timeout`), the peer closed, this side closed. */
export type EndsOfHour = { readonly broke: number; readonly eof: number; readonly local: number };

/** What happened to connections to one observed peer in at most the last hour. */
export type ObservedPeer = {
  /** Whether the observer works; null: it has not begun. */
  readonly isUp: boolean | null;
  /** From when on is counted, wall-clock milliseconds. */
  readonly since: number;
  readonly theirs: EndsOfHour;
  readonly ours: EndsOfHour;
  /** The last that broke of theirs; null: none did in that time. */
  readonly lastBroken: ObservedEnded | null;
};

/** What is known of the connections of other processes to one peer: what became of them, and those that are held now. */
export type ObservedOfPeer = { readonly ends: ObservedPeer; readonly held: HeldNow };

const KINDS = ['theirBroke', 'theirEof', 'theirLocal', 'ourBroke', 'ourEof', 'ourLocal'] as const;
type Kind = (typeof KINDS)[number];

type Watched = {
  readonly since: number;
  /** Null: nothing ended. */
  slots: EndSlots<Kind> | null;
  lastBroken: ObservedEnded | null;
};

/** The ends of the last hour of each observed peer, those of Finrst beside those of other processes. A fold over events. */
export class ObservedPeers {
  readonly #groups = new Set<string>();
  readonly #watched = new Map<number, Watched>();
  #isUp: boolean | null = null;
  readonly sink: Sink = {
    peer: (event) => this.#peer(event),
    connection: (event) => this.#connection(event),
    observed: (event) => this.#observed(event),
  };

  /** Null: it is not observed. `now`: wall clock. */
  of(peerId: number, now: number): ObservedPeer | null {
    const watched = this.#watched.get(peerId);
    if (watched === undefined) return null;
    const sum = (kind: Kind): number => watched.slots?.sum(kind, now) ?? 0;
    const since = Math.max(watched.since, EndSlots.since(now));
    const { lastBroken } = watched;
    return {
      isUp: this.#isUp,
      since,
      theirs: { broke: sum('theirBroke'), eof: sum('theirEof'), local: sum('theirLocal') },
      ours: { broke: sum('ourBroke'), eof: sum('ourEof'), local: sum('ourLocal') },
      lastBroken: lastBroken !== null && lastBroken.at >= since ? lastBroken : null,
    };
  }

  #peer(event: PeerEvent): void {
    const change = followObserved(event, this.#groups);
    switch (change?.kind) {
      case 'known': {
        const { peer, at } = change.event;
        if (!this.#watched.has(peer.id)) this.#watched.set(peer.id, { since: at, slots: null, lastBroken: null });
        return;
      }
      case 'gone':
        this.#watched.delete(change.peer.id);
        return;
      case 'replaced': {
        const watched = this.#watched.get(change.peer.id);
        this.#watched.delete(change.peer.id);
        if (watched !== undefined) this.#watched.set(change.by.id, watched);
        return;
      }
      case undefined:
        return;
    }
  }

  #connection(event: ConnectionEvent): void {
    switch (event.type) {
      case 'disconnected':
        this.#count(event, event.class === 'eof' ? 'ourEof' : 'ourBroke');
        return;
      case 'localClosed':
        this.#count(event, 'ourLocal');
        return;
      case 'connected':
      case 'connectFailed':
      case 'explained':
        return;
    }
  }

  #observed(event: ObservedEvent): void {
    if (event.type === 'observerChanged') this.#isUp = event.isUp;
    if (event.type !== 'observedEnded') return;
    const watched = this.#count(event, THEIRS[event.class]);
    if (watched !== undefined && event.class === 'error') watched.lastBroken = event;
  }

  #count({ peer, at }: Pick<ObservedEnded, 'peer' | 'at'>, kind: Kind): Watched | undefined {
    const watched = this.#watched.get(peer.id);
    if (watched === undefined) return undefined;
    watched.slots ??= new EndSlots(KINDS, at);
    watched.slots.add(kind, at);
    return watched;
  }
}

const THEIRS = { error: 'theirBroke', eof: 'theirEof', local: 'theirLocal' } as const satisfies Readonly<
  Record<ObservedEnded['class'], Kind>
>;
