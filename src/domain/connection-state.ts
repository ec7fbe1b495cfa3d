import type { Backoff } from './backoff.ts';

/** What a peer carries from one connection to the next, until it stops. */
export type PeerHistory = {
  readonly backoff: Backoff;
  /** Failed attempts since the peer was last established. */
  readonly failuresInARow: number;
  /** When the last connection ended, whoever chose it, monotonic; null: the peer was never established. */
  readonly lastEndAt: number | null;
  /**
   * Since when the peer is down, monotonic; null: it is not. A disconnect begins it, and a failed attempt: then it counts
   * from the local close before, or from that failure where the peer was never established.
   */
  readonly downSince: number | null;
};

/**
 * The states of one peer. Times are monotonic milliseconds.
 *
 *     backoff -> resolving -> connecting -> handshaking -> established
 *                    |            |             |               |
 *                    +---- attempt failed: backoff              +-- it ends: closing -> backoff | stopped
 */
export type ConnectionState =
  /** Waiting until `waitsUntil`; null: the wait is over and the peer queues for the process-wide connect rate. */
  | { readonly name: 'backoff'; readonly history: PeerHistory; readonly waitsUntil: number | null }
  | Attempting
  | During<'established'>
  | Closing
  | { readonly name: 'stopped' };

type During<Name extends string> = {
  readonly name: Name;
  readonly connectionId: string;
  readonly history: PeerHistory;
};

/** An attempt runs; its connection is not established yet. */
export type Attempting = During<'resolving'> | During<'connecting'> | During<'handshaking'>;

/** The connection or attempt is over, or about to be; a peer always sees FIN before its socket is released. */
export type Closing =
  /** A stop asked the established connection to end; its end has not come in yet. */
  | { readonly name: 'closing'; readonly connectionId: string; readonly step: 'ending'; readonly drainMs: number }
  /** The socket is half-closed and drains until the peer's FIN; the next attempt is due at `retryAt`. */
  | {
      readonly name: 'closing';
      readonly connectionId: string;
      readonly step: 'draining';
      readonly retryAt: number;
      readonly history: PeerHistory;
    }
  /** The same, and no attempt follows. */
  | { readonly name: 'closing'; readonly connectionId: string; readonly step: 'drainingToStop' };

/** The state as the label `state` and the page name it. */
export type ConnectionStateName = ConnectionState['name'];

/** The states by this name. */
export type StateOf<Name extends ConnectionStateName> = Extract<ConnectionState, { readonly name: Name }>;
