import type { Announcement } from './announcement.ts';
import type { PeerSettings } from './peer-settings.ts';
import type { LoginSettings } from './protocol-settings.ts';
import type { RelabelRule } from './relabel-rule.ts';
import type { WrittenLines } from './setting-places.ts';
import type { SilenceSettings } from './silence-settings.ts';
import type { SourceSettings } from './source-settings.ts';

/** What every peer of a group has: all settings but those that come from its target. */
export type PeerTemplate = Omit<PeerSettings, 'peer' | 'host' | 'port' | 'labels'>;

/** A group as the configuration gives it: which settings its peers have, and where their targets come from. */
export type GroupSettings = {
  readonly name: string;
  readonly template: PeerTemplate;
  readonly sources: readonly SourceSettings[];
  /** Applied in order to every target before it becomes a peer. */
  readonly relabelRules: readonly RelabelRule[];
  /** More targets than this after the rules are not taken: those of before stay. 0 = no limit. */
  readonly targetLimit: number;
  /** Nothing is connected to its peers; absent: they are held. */
  readonly isHeld?: false;
  /** The connections that other processes have to its peers are observed; absent: they are not. */
  readonly isObserved?: true;
  /** Absent: nothing is measured. */
  readonly silence?: SilenceSettings;
  /** Where its keys stand in the file; absent: there is none. */
  readonly writtenLines?: WrittenLines;
};

/** A peer that is to be held, or to be known and not held, as its target is now. */
export type PlannedPeer = {
  readonly settings: PeerSettings;
  /** An announcement that its connection will end stands: what is held is held on, and no attempt begins. Null: none does. */
  readonly announced: Announcement | null;
  /** How long a connection outlives its target when that is gone from its source; 0: not at all. */
  readonly lingerMs: number;
  /** Another shard holds it, and this one observes it. Absent: it is as its group is. */
  readonly isHeldElsewhere?: true;
};

/** A group with all its peers, ready for whoever holds them. */
export type PeerGroup = {
  readonly name: string;
  readonly tls: boolean;
  /** The group has a login, or its heartbeat expects an answer: an attempt has the phase `protocol`. */
  readonly expectsAnswer: boolean;
  /** Ends of its peers can be announced: a source says so, targets linger, or a rule sets `__announced__`. */
  readonly canAnnounce: boolean;
  /** Nothing is connected to its peers; absent: they are held. */
  readonly isHeld?: false;
  /** The connections that other processes have to its peers are observed; absent: they are not. */
  readonly isObserved?: true;
  readonly protocol: LoginSettings | null;
  /** Absent: nothing is measured. */
  readonly silence?: SilenceSettings;
  readonly peers: readonly PlannedPeer[];
};

/**
 * Why a peer is not among those of its group any more. `vanished`: its source does not name it, so it lingers; `removed`: the
 * configuration took it out, and it goes at once; `resharded`: another process holds it.
 */
export type GoneCause = 'vanished' | 'removed' | 'resharded';

/** A peer of another process whose end is announced now, and was not before: that may explain an end here of just before. */
export type AnnouncedElsewhere = { readonly peer: string; readonly announced: Announcement };

/** What discovery changed of the peers of one group. */
export type PeersChange = {
  readonly group: string;
  /** Peers that came, or are other ones now. */
  readonly peers: readonly PlannedPeer[];
  readonly gone: readonly { readonly peer: string; readonly cause: GoneCause }[];
  /** Absent: none. */
  readonly announcedElsewhere?: readonly AnnouncedElsewhere[];
};
