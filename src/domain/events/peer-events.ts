import type { ConnectionStateName } from '../connection-state.ts';
import type { PeerRef } from '../peer-ref.ts';

/** Which groups and peers exist, and the state each peer is in. */
export type PeerEvent = GroupAdded | GroupRemoved | PeerAdded | PeerChanged | PeerRemoved | StateEntered;

/** A group exists; its reason tables start at 0 now. Re-emitted by a reload when `tls` or `expectsAnswer` changed. */
export type GroupAdded = {
  readonly type: 'groupAdded';
  readonly at: number;
  readonly group: string;
  readonly tls: boolean;
  /** A heartbeat that expects an answer is configured: attempts have the phase `protocol`. */
  readonly expectsAnswer: boolean;
};

/** A reload took the group out of the configuration; its series go now. Connections of its peers may still be ending. */
export type GroupRemoved = { readonly type: 'groupRemoved'; readonly at: number; readonly group: string };

/** What the per-peer series depend on. */
export type PeerFacts = {
  readonly labels: Readonly<Record<string, string>>;
  readonly tls: boolean;
  /** A heartbeat that expects an answer is configured: round trips exist, and attempts have the phase `protocol`. */
  readonly expectsAnswer: boolean;
  readonly host: string;
  readonly port: number;
};

/** A peer is known; its series exist at 0 from here on. Emitted before its first connect. */
export type PeerAdded = {
  readonly type: 'peerAdded';
  readonly at: number;
  readonly peer: PeerRef;
  readonly facts: PeerFacts;
};

/** A reload changed settings of a kept peer. Its counters are kept, but for those of its series where its target labels are other ones. */
export type PeerChanged = {
  readonly type: 'peerChanged';
  readonly at: number;
  readonly peer: PeerRef;
  readonly facts: PeerFacts;
};

/** A peer is gone from the configuration and its connection has ended; its series go. */
export type PeerRemoved = { readonly type: 'peerRemoved'; readonly at: number; readonly peer: PeerRef };

/** A peer entered a state. `from` is null for the first one. */
export type StateEntered = {
  readonly type: 'stateEntered';
  readonly at: number;
  readonly peer: PeerRef;
  readonly from: ConnectionStateName | null;
  readonly state: ConnectionStateName;
};
