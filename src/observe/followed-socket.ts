import type { SocketOwner } from '../domain/observed/socket-owner.ts';
import type { ObservedSocket } from './observed-step.ts';

/** Who counts a connection that begins, and whose it is. */
export type Claim = { readonly peers: readonly string[]; readonly owner: SocketOwner | null };

/** A socket that is followed. */
export type FollowedSocket = {
  readonly socket: ObservedSocket;
  readonly state: 'connecting' | 'established' | 'closeWait';
  /** When the line came that put it into this state; of one that was found: when it was. */
  readonly sinceNs: number;
  /** Null: it was found, and no line about it has come. */
  readonly address: number | null;
};
