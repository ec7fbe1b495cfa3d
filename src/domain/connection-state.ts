/** What a peer carries from one connection to the next, until it stops. */
export type PeerHistory = {
  /** How many waits the series of failures and short connections has had; 0: the next one begins at `reconnect.initial`. */
  readonly waits: number;
  /** Failed attempts since the peer was last established. */
  readonly failuresInARow: number;
  /** When the last connection ended, whoever chose it, monotonic; null: the peer was never established. */
  readonly lastEndAt: number | null;
  /**
   * Since when the peer is down, monotonic; null: it is not. A disconnect begins it, and a failed attempt: then it counts
   * from the local close before, or from that failure where the peer was never established.
   */
  readonly downSince: number | null;
  /** Connections that are over and whose sockets still drain, while the peer goes on. */
  readonly draining: readonly string[];
};

/**
 * The states of one peer. Times are monotonic milliseconds.
 *
 *     backoff -> resolving -> connecting -> handshaking -> established
 *                    |            |             |               |
 *                    +---- attempt failed: backoff              +-- disconnect: backoff; our choice: closing -> backoff
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
  /** The socket is half-closed and drains until the peer's FIN; the connection that replaces it follows then. */
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
