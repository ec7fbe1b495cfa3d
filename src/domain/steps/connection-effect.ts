import type { Announcement } from '../../settings/announcement.ts';
import type { ConnectionState, ConnectionStateName } from '../connection-state.ts';
import type { LocalCloseReason } from '../disconnect.ts';
import type { UnexplainedEnd } from '../leaving.ts';
import type { Connected, ConnectFailed, Disconnected, LocalClosed } from '../events/connection-events.ts';

/**
 * What is to be done, in this order. Whoever runs effects keeps the live objects and decides nothing. An effect about a
 * connection that is gone by then does nothing: the one before may have led to its end.
 */
export type ConnectionEffect =
  /** The peer is in another state now. */
  | { readonly type: 'reportState'; readonly from: ConnectionStateName | null; readonly state: ConnectionStateName }
  | { readonly type: 'emit'; readonly event: Connected | ConnectFailed | Disconnected | LocalClosed }
  /**
   * This announcement stands now; null: none does any more. `isNew`: somebody announced an end. `downMs`: how long the peer
   * had been down, which is over now; null: it was not down.
   */
  | {
      readonly type: 'reportAnnouncement';
      readonly announced: Announcement | null;
      readonly isNew: boolean;
      readonly downMs: number | null;
    }
  /** Another process holds the peer from now on. */
  | { readonly type: 'reportHandedOver'; readonly downMs: number | null }
  /** This announcement came too late for the event of that end, and explains it. */
  | { readonly type: 'explain'; readonly end: UnexplainedEnd; readonly announced: Announcement }
  /** Wait until then (monotonic), in place of a wait that runs, then give `waitOver`. */
  | { readonly type: 'wait'; readonly until: number }
  /** Give `attemptDue` when the connect rate grants it; in place of a wait that runs. */
  | { readonly type: 'queueForConnectRate' }
  /** Wait and queue no longer. */
  | { readonly type: 'cancelWait' }
  | { readonly type: 'dial'; readonly connectionId: string }
  /** Hold the link that was established. */
  | { readonly type: 'hold'; readonly connectionId: string }
  /** The held connection takes the new settings as it is. */
  | { readonly type: 'reconfigure'; readonly connectionId: string }
  /** Ask the held connection to end by our choice; its end comes back as `ended`. */
  | { readonly type: 'endConnection'; readonly connectionId: string; readonly reason: LocalCloseReason }
  /** Close in order what is open of this connection, be it an attempt or a link, then give `drained`. Again: the shorter drain counts. */
  | { readonly type: 'close'; readonly connectionId: string; readonly drainMs: number }
  /** End the link of this connection with a RST, then give `drained`. */
  | { readonly type: 'reset'; readonly connectionId: string }
  /** The peer is over, and nobody asked for it: its target vanished a while ago. */
  | { readonly type: 'forget' }
  /** All is released: answer whoever asked for the stop. */
  | { readonly type: 'reportStopped' };

/** The effects of this type. */
export type EffectOf<Type extends ConnectionEffect['type']> = Extract<ConnectionEffect, { readonly type: Type }>;

/** The state after an input, the same object when nothing changed, and what is to be done. */
export type Step = { readonly state: ConnectionState; readonly effects: readonly ConnectionEffect[] };
