import type { DisconnectClass, DisconnectReason } from '../../domain/disconnect.ts';
import type { TraceRef } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { BreakSpan } from './break-span.ts';
import type { Scope } from './scope.ts';
import type { Hint } from '../../domain/hint.ts';

/** An address and port, and how many peers are connected there now. */
export type SharedEndpoint = { readonly address: string; readonly port: number; peers: number };

/** What a peer shares with others. */
export type Shared = {
  /** Its group, its labels and the process; one array for all that have the same. */
  readonly scopes: readonly Scope[];
  /** The network of its address; null: it was never connected. */
  readonly prefix: Scope | null;
};

/** What is known of one peer. Times are wall-clock milliseconds. */
export type KnownPeer = { -readonly [Key in keyof Shared]: Shared[Key] } & {
  ref: PeerRef;
  /** In the register. */
  place: number;
  canAnnounce: boolean;
  /** Where it was connected last; null: never. */
  endpoint: SharedEndpoint | null;
  /** Null: it is not connected. */
  establishedAt: number | null;
  /** Of the last end that we did not choose; -Infinity: none. */
  endedAt: number;
  /** Its last end that counts and can still be part of something. */
  end: CountedEnd | null;
};

/** An end that counts, with what its peer shared then. It was found at the end of its span. There are as many as peers in a storm. */
export type CountedEnd = BreakSpan &
  Shared & {
    readonly peer: KnownPeer;
    readonly connectionId: string;
    readonly class: DisconnectClass;
    readonly reason: DisconnectReason;
    readonly hint: Hint | null;
    /** Null: nobody knows. */
    readonly ageMs: number | null;
    /** Without a packet, before the one that met the end; null: nobody knows. */
    readonly silentMs: number | null;
    readonly endpoint: SharedEndpoint;
    /** Null: its span was not recorded, or its incident has links enough. */
    trace: TraceRef | null;
    /** How long after it the peer was connected again, in whole milliseconds; null: it was not so far. */
    backMs: number | null;
    /** The id of the incident that explains it now; null: none does. */
    incident: string | null;
    /** It was published that an incident explains it. */
    isExplained: boolean;
  };

/** A peer with an end in this time before does not count: ends of such peers come together by chance. */
export const SETTLED_MS = 600_000;

/** Whether a peer was connected at that moment and is since, and had no end in the ten minutes before. */
export function wasUpright({ establishedAt, endedAt }: KnownPeer, at: number): boolean {
  return establishedAt !== null && establishedAt <= at && endedAt <= at - SETTLED_MS;
}

/** Whether the peer shares it. */
export function hasScope({ scopes, prefix }: Shared, scope: Scope): boolean {
  return prefix === scope || scopes.includes(scope);
}

/** Whether another peer of the same address and port was counted; it is from now on. Most endpoints have one peer. */
export function isSeen(endpoint: SharedEndpoint, seen: Set<SharedEndpoint>): boolean {
  if (endpoint.peers === 1) return false;
  if (seen.has(endpoint)) return true;
  seen.add(endpoint);
  return false;
}
