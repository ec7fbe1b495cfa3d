import type { ConnectionStateName } from '../../domain/connection-state.ts';
import type { DisconnectClass } from '../../domain/disconnect.ts';

/** As the API and the pages name it; `not_held`: nothing is connected to the peer, and nothing is to be. */
export type PeerState = ConnectionStateName | 'not_held';

/** The states that `GET /api/v1/peers` can be asked for. */
export const PEER_STATES = [
  'backoff',
  'resolving',
  'connecting',
  'handshaking',
  'established',
  'closing',
  'retired',
  'stopped',
  'not_held',
] as const satisfies readonly PeerState[];

/** What `GET /api/v1/peers` asks for. Absent: any. */
export type PeerQuery = {
  readonly group?: string;
  readonly peer?: string;
  readonly state?: PeerState;
  /** Of the last disconnect. */
  readonly class?: DisconnectClass;
  /** Labels of the target, each with its value. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** How many of those that match are left out at the beginning. */
  readonly offset: number;
  /** At most this many; Infinity: all. */
  readonly limit: number;
};

/** Every peer. */
export const ALL_PEERS: PeerQuery = { labels: [], offset: 0, limit: Infinity };
