import type { DisconnectClass, DisconnectReason } from '../disconnect.ts';
import type { ObservedEnd } from '../observed/observed-end.ts';
import type { SocketOwner } from '../observed/socket-owner.ts';
import type { PeerRef } from '../peer-ref.ts';
import type { Endpoint, TraceRef } from './connection-events.ts';
import type { Numbered } from './numbered.ts';

/**
 * What other processes of this host do with their own connections to our peers. Where two groups have the address, each
 * event comes once for each of them.
 */
export type ObservedEvent =
  | ObserverChanged
  | ObservedLinesLost
  | ObservedConnected
  | ObservedConnectFailed
  | ObservedEnded
  | ObservedReleased
  | ObservedLost
  | ObservedLeak
  | ObservedRetransmits
  | ObservedExplained;

/** The observer began to work: connections to the first addresses are traced, and events of those from before came already. Or it works no more: nothing is known of any connection from then on. Never emitted where no group is observed. */
export type ObserverChanged = {
  readonly type: 'observerChanged';
  readonly at: number;
  readonly isUp: boolean;
  /** Why it does not work. */
  readonly problem?: string;
};

/** The kernel dropped lines before they were read. */
export type ObservedLinesLost = { readonly type: 'observedLinesLost'; readonly at: number; readonly count: number };

/** One of them. */
export type ObservedConnection = {
  /** Unique within a run. */
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Null: not known. */
  readonly owner: SocketOwner | null;
};

type About = { readonly at: number; readonly peer: PeerRef; readonly connection: ObservedConnection };

/** A connection is established. `isFound`: it existed before, and nobody knows since when. `isCloseWait`: its peer had closed it by then. */
export type ObservedConnected = Numbered &
  About & {
    readonly type: 'observedConnected';
    readonly isFound: boolean;
    readonly isCloseWait: boolean;
  };

/** An attempt failed; without an errno its process gave up. */
export type ObservedConnectFailed = About & { readonly type: 'observedConnectFailed'; readonly errno?: string };

/** A connection left the established state: that is its one end, whatever follows. */
export type ObservedEnded = Numbered &
  About &
  ObservedEnd & {
    readonly type: 'observedEnded';
    readonly errno?: string;
    /** Absent: it existed before it was found. */
    readonly durationMs?: number;
    /** The peer has closed, its process has not: it is held until `observedReleased`. */
    readonly isCloseWait: boolean;
    /** Ends of class `error` of this peer with less than a minute from one to the next, this one included; 0: it is another one. */
    readonly errorsInARow: number;
    /** The span that was made of it. Absent where there is none. */
    readonly trace?: TraceRef;
  };

/** The process closed a connection that its peer had closed before. */
export type ObservedReleased = About & { readonly type: 'observedReleased' };

/** A connection is gone, and lines that say how were lost: it ends uncounted. `wasCloseWait`: its end was seen before. */
export type ObservedLost = About & { readonly type: 'observedLost'; readonly wasCloseWait: boolean };

/** A connection that its peer has closed is held by its process for a minute now. Emitted once for each. `isOlder`: it was found so, and is held longer. */
export type ObservedLeak = About & {
  readonly type: 'observedLeak';
  readonly heldMs: number;
  readonly isOlder: boolean;
};

/** Segments of connections to the peer were sent again since the last such event. */
export type ObservedRetransmits = {
  readonly type: 'observedRetransmits';
  readonly at: number;
  readonly peer: PeerRef;
  readonly count: number;
};

/** An end is part of an incident of observed connections. Emitted once for each, after the event of the incident. */
export type ObservedExplained = {
  readonly type: 'observedExplained';
  readonly at: number;
  readonly peer: PeerRef;
  readonly connectionId: string;
  readonly class: DisconnectClass;
  readonly reason: DisconnectReason;
  /** Its id. */
  readonly incident: string;
  /** When that connection ended. */
  readonly endedAt: number;
};
