import type { Announcement } from '../../settings/announcement.ts';
import type { ConnectionStateName } from '../connection-state.ts';
import type { GoodbyeSet } from '../goodbye.ts';
import type { PeerRef } from '../peer-ref.ts';

/** Which groups and peers exist, and the state each peer is in. */
export type PeerEvent =
  | GroupAdded
  | GroupRemoved
  | PeerAdded
  | PeerChanged
  | PeerRemoved
  | StateEntered
  | AnnouncementChanged
  | PeerHandedOver;

/** A group exists; its reason tables start at 0 now. Re-emitted by a reload when one of its facts changed. */
export type GroupAdded = {
  readonly type: 'groupAdded';
  readonly at: number;
  readonly group: string;
  readonly tls: boolean;
  /** A login, or a heartbeat that expects an answer, is configured: attempts have the phase `protocol`. */
  readonly expectsAnswer: boolean;
  /** What its peers can say; absent: they speak no protocol. */
  readonly goodbyes?: GoodbyeSet;
  /** Ends of its peers can be announced. */
  readonly canAnnounce: boolean;
  /** Nothing is connected to its peers; absent: they are held. */
  readonly isHeld?: false;
  /** The connections that other processes have to its peers are observed; absent: they are not. */
  readonly isObserved?: true;
  /** The longest silence of packets that its settings allow, Infinity where none of them sends; absent: its paths are not measured. */
  readonly configuredSilenceMs?: number;
};

/** A reload took the group out of the configuration; its series go now. Connections of its peers may still be ending. */
export type GroupRemoved = { readonly type: 'groupRemoved'; readonly at: number; readonly group: string };

/** What the per-peer series depend on. */
export type PeerFacts = {
  readonly labels: Readonly<Record<string, string>>;
  readonly tls: boolean;
  /** A login, or a heartbeat that expects an answer, is configured: round trips exist, and attempts have the phase `protocol`. */
  readonly expectsAnswer: boolean;
  /** Its end can be announced. */
  readonly canAnnounce: boolean;
  /** Nothing is connected to it, as long as it is this peer; absent: it is held. */
  readonly isHeld?: false;
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

/** A reload or a discovery changed settings of a kept peer. Its counters are kept, but for those of its series where its target labels are other ones. */
export type PeerChanged = {
  readonly type: 'peerChanged';
  readonly at: number;
  readonly peer: PeerRef;
  readonly facts: PeerFacts;
};

/** A peer is gone from the configuration, or vanished from its source and had its last words; its series go. Its connection may still be ending. */
export type PeerRemoved = {
  readonly type: 'peerRemoved';
  readonly at: number;
  readonly peer: PeerRef;
  /**
   * The same target goes on as this peer, whose `peerAdded` comes right behind: a reload holds it now, or holds it no more.
   * What is observed of it goes on. Absent: the target is gone.
   */
  readonly replacedBy?: PeerRef;
};

/** A peer entered a state. `from` is null for the first one. */
export type StateEntered = {
  readonly type: 'stateEntered';
  readonly at: number;
  readonly peer: PeerRef;
  readonly from: ConnectionStateName | null;
  readonly state: ConnectionStateName;
};

/**
 * What was announced of the end of a peer is another thing now; null: nothing is. Also emitted where its target vanished,
 * which stands as `removed`. While an announcement stands the peer is not down.
 */
export type AnnouncementChanged = {
  readonly type: 'announcementChanged';
  readonly at: number;
  readonly peer: PeerRef;
  readonly announced: Announcement | null;
  /** Somebody announced it. False where one was withdrawn, and of a target that vanished and is not to linger. */
  readonly isNew: boolean;
  /** How long the peer had been down until now; absent: it was not. */
  readonly downMs?: number;
};

/** Another process holds the peer from now on: the state of its connection is no longer known here. Its counters stay until `peerRemoved`. */
export type PeerHandedOver = {
  readonly type: 'peerHandedOver';
  readonly at: number;
  readonly peer: PeerRef;
  /** As in `announcementChanged`. */
  readonly downMs?: number;
};
