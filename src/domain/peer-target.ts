import type { Announcement } from '../settings/announcement.ts';
import type { PeerSettings } from '../settings/peer-settings.ts';
import type { RuleEffect } from '../settings/relabel-rule.ts';

/** What names a peer for people: the same target in two groups is two peers. */
export type PeerName = { readonly group: string; readonly peer: string };

/** The target that makes a peer, and what its group makes of it. */
export type PeerTarget = {
  readonly settings: PeerSettings;
  /** Where it comes from: the set of targets that its source named. */
  readonly source: string;
  /** Which target of that set it is, from 1, and how many the set has; absent: it is in none any more. */
  readonly place?: { readonly entry: number; readonly of: number };
  /** What the rules of its group made of its labels; absent: it is in no set any more. */
  readonly ruleEffects?: readonly RuleEffect[];
  /**
   * - `active`: a peer of this process.
   * - `lingering`: it vanished from its source; a connection that it still has may go on until `lingerUntil`.
   * - `other_shard`: another shard holds it.
   * - `over_limit`: its group has more targets than its `target_limit`.
   */
  readonly state: 'active' | 'lingering' | 'other_shard' | 'over_limit';
  readonly announced: Announcement | null;
  /** Targets behind it that have the same peer. */
  readonly duplicates: number;
  /** Wall-clock milliseconds. */
  readonly lingerUntil?: number;
};

/** Which of several processes holds a peer, by the count that this one goes by. From 0. */
export type ShardOfPeer = { readonly ordinal: number; readonly total: number; readonly isThis: boolean };
