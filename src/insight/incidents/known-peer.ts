import type { DisconnectClass, DisconnectReason } from '../../domain/disconnect.ts';
import type { TraceRef } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { BreakSpan } from './break-span.ts';
import type { Scope } from './scope.ts';

/** An address and port, and how many peers are connected there now. */
export type SharedEndpoint = { readonly key: string; peers: number };

/** What is known of one peer. Times are wall-clock milliseconds. */
export type KnownPeer = {
  ref: PeerRef;
  /** Its group, its labels and the process. */
  scopes: readonly Scope[];
  canAnnounce: boolean;
  /** Where it was connected last; null: never. */
  endpoint: SharedEndpoint | null;
  prefix: Scope | null;
  /** Null: it is not connected. */
  establishedAt: number | null;
  /** Of the last end that we did not choose; -Infinity: none. */
  endedAt: number;
  /** Its last end that counts and can still be part of something. */
  end: CountedEnd | null;
};

/** An end that counts. */
export type CountedEnd = {
  readonly peer: KnownPeer;
  /** When it was found. */
  readonly at: number;
  readonly span: BreakSpan;
  readonly connectionId: string;
  readonly class: DisconnectClass;
  readonly reason: DisconnectReason;
  readonly endpoint: SharedEndpoint;
  readonly scopes: readonly Scope[];
  readonly trace: TraceRef | null;
  /** The id of the incident that explains it now; null: none does. */
  incident: string | null;
  /** It was published that an incident explains it. */
  isExplained: boolean;
};
