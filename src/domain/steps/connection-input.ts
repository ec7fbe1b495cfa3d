import type { Reconnect } from '../../settings/peer-settings.ts';
import type { Announcement } from '../../settings/announcement.ts';
import type { LocalCloseReason } from '../disconnect.ts';
import type { GoneAs } from '../leaving.ts';
import type { Connected, ConnectFailed, Disconnected, LocalClosed } from '../events/connection-events.ts';

/** `Omit` that keeps the members of a union apart. */
type Without<Event, Key extends string> = Event extends unknown ? Omit<Event, Key> : never;

/** An established connection as the attempt knows it; what came before it is added by the machine. */
export type ConnectedFacts = Without<Connected, 'failuresBefore' | 'downtimeMs' | 'downMs'>;

/** A failed attempt as it knows itself; the machine adds how many there were, since when the peer is down and how long the wait is. */
export type ConnectFailedFacts = Without<ConnectFailed, 'failuresInARow' | 'retryInMs' | 'downMs'>;

/**
 * What can happen to a peer. An input about a connection names it: one that names another than the current comes from a
 * socket that is gone, and changes nothing. `now` is monotonic milliseconds, `random` uniform in 0..1, `reconnect` the
 * settings in force, `drainMs` how long a closing socket may drain.
 */
export type ConnectionInput =
  /** The wait that the machine asked for is over. */
  | { readonly type: 'waitOver' }
  /** The connect rate lets an attempt begin, under a new connection id. */
  | { readonly type: 'attemptDue'; readonly connectionId: string }
  | { readonly type: 'resolved'; readonly connectionId: string }
  | { readonly type: 'tcpConnected'; readonly connectionId: string }
  | {
      readonly type: 'established';
      readonly connectionId: string;
      readonly facts: ConnectedFacts;
      readonly now: number;
    }
  | {
      readonly type: 'attemptFailed';
      readonly connectionId: string;
      readonly facts: ConnectFailedFacts;
      /** A socket was connected and has to be closed in order. */
      readonly isOpen: boolean;
      readonly now: number;
      readonly random: number;
      readonly reconnect: Reconnect;
      readonly drainMs: number;
    }
  /** The established connection came to its single end. */
  | {
      readonly type: 'ended';
      readonly connectionId: string;
      readonly event: Disconnected | LocalClosed;
      readonly now: number;
      readonly random: number;
      readonly reconnect: Reconnect;
      readonly drainMs: number;
    }
  /** The closing socket saw the peer's FIN, or ran out of time; its descriptor is released. */
  | { readonly type: 'drained'; readonly connectionId: string }
  /** The peer has new settings; `reconnect` for `how`: an open socket cannot take them. `hasMoved`: its address is another one. */
  | {
      readonly type: 'reconfigured';
      readonly how: 'inPlace' | 'reconnect';
      readonly hasMoved: boolean;
      readonly now: number;
      readonly reconnect: Reconnect;
    }
  /** The peer's delays are to start over: somebody asked for a reload by hand. */
  | {
      readonly type: 'delayRestarted';
      readonly now: number;
      readonly random: number;
      readonly reconnect: Reconnect;
    }
  /** The peer's target is there, be it still or again, and this announcement stands; null: none does. */
  | {
      readonly type: 'planned';
      readonly announced: Announcement | null;
      readonly now: number;
      readonly drainMs: number;
    }
  /** The peer's target has gone from its source, or another process holds the peer from now on. A connection outlives it by `lingerMs`. */
  | {
      readonly type: 'vanished';
      readonly reason: GoneAs;
      readonly lingerMs: number;
      readonly now: number;
      readonly drainMs: number;
    }
  /** Another process holds the peer, and this announcement of its end came: it may explain the end of a connection of this one. */
  | { readonly type: 'announcedElsewhere'; readonly announced: Announcement; readonly now: number }
  /** The peer is to be held no longer. */
  | { readonly type: 'stop'; readonly reason: LocalCloseReason; readonly drainMs: number };

/** The inputs of this type. */
export type InputOf<Type extends ConnectionInput['type']> = Extract<ConnectionInput, { readonly type: Type }>;
