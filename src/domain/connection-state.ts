import type { Leaving, UnexplainedEnd } from './leaving.ts';
import type { Goodbye } from './goodbye.ts';

/** What a peer carries from one connection to the next, until it stops. */
export type PeerHistory = {
  /** How many waits the series of failures and short connections has had; 0: the next one begins at `reconnect.initial`. */
  readonly waits: number;
  /** Failed attempts since the peer was last established. */
  readonly failuresInARow: number;
  /**
   * From when the peer is down if the next attempt fails, monotonic: the end of its last connection, whoever chose it, or the
   * withdrawal of an announcement after that. Null: the peer was never established.
   */
  readonly downFrom: number | null;
  /**
   * Since when the peer is down, monotonic; null: it is not. A disconnect begins it, and a failed attempt: then it counts
   * from `downFrom`, or from that failure where the peer was never established. Never while an announcement stands.
   */
  readonly downSince: number | null;
  /** Connections that are over and whose sockets still drain, while the peer goes on. */
  readonly draining: readonly string[];
  /** Why no attempt begins; null: the peer is to be connected. */
  readonly leaving: Leaving | null;
  /** The last disconnect, where nothing had announced it; kept for news that explain it. */
  readonly unexplained: UnexplainedEnd | null;
  /** The current connection or attempt is one to an address that the peer no longer has. */
  readonly hasMoved: boolean;
  /** The last attempt was refused with a word that repetition makes worse; absent: it was not. */
  readonly refused?: Refusals;
};

/** The same refusal so many times in a row. */
export type Refusals = { readonly goodbye: Goodbye; readonly times: number };

/**
 * The states of one peer. Times are monotonic milliseconds.
 *
 *     backoff -> resolving -> connecting -> handshaking -> established
 *                    |            |             |               |
 *                    +---- attempt failed: backoff              +-- disconnect: backoff; our choice: closing -> backoff
 *
 * A peer whose end is announced, or whose target vanished, comes to `retired` where it would come to `backoff`.
 */
export type ConnectionState =
  /** Waiting until `waitsUntil`; null: the wait is over and the peer queues for the process-wide connect rate. */
  | { readonly name: 'backoff'; readonly history: PeerHistory; readonly waitsUntil: number | null }
  | Attempting
  | During<'established'>
  | Closing
  /** Nothing is held and no attempt begins, since `leaving` says so. Until the last words are over, where its target vanished. */
  | { readonly name: 'retired'; readonly history: PeerHistory }
  | { readonly name: 'stopped' };

type During<Name extends string> = {
  readonly name: Name;
  readonly connectionId: string;
  readonly history: PeerHistory;
};

/** An attempt runs, with the settings it began with; its connection is not established yet. */
export type Attempting = AttemptIn<'resolving'> | AttemptIn<'connecting'> | AttemptIn<'handshaking'>;

type AttemptIn<Name extends string> = During<Name> & {
  /** The settings have changed so that its socket cannot take them: its connection will have to be replaced. */
  readonly isOutdated: boolean;
};

/** We chose to end the connection or the attempt; a peer always sees FIN before its socket is released. */
export type Closing =
  /** A stop asked the established connection to end; its end has not come in yet. Others drain already. */
  | {
      readonly name: 'closing';
      readonly connectionId: string;
      readonly step: 'ending';
      readonly drainMs: number;
      readonly draining: readonly string[];
    }
  /** The socket is half-closed and drains until the peer's FIN; the connection that replaces it follows then, or none. */
  | {
      readonly name: 'closing';
      readonly connectionId: string;
      readonly step: 'draining';
      readonly history: PeerHistory;
    }
  /** Sockets drain, at least one, and no attempt follows. */
  | { readonly name: 'closing'; readonly step: 'drainingToStop'; readonly draining: readonly string[] };

/** The state as the label `state` and the page name it. */
export type ConnectionStateName = ConnectionState['name'];

/** The states by this name. */
export type StateOf<Name extends ConnectionStateName> = Extract<ConnectionState, { readonly name: Name }>;
