import type { PeerSettings } from './peer-settings.ts';
import type { SourceSettings } from './source-settings.ts';

/** What every peer of a group has: all settings but those that come from its target. */
export type PeerTemplate = Omit<PeerSettings, 'peer' | 'host' | 'port' | 'labels'>;

/** A group as the configuration gives it: which settings its peers have, and where their targets come from. */
export type GroupSettings = {
  readonly name: string;
  readonly template: PeerTemplate;
  readonly sources: readonly SourceSettings[];
};

/** A group with all its peers, ready to be held. */
export type PeerGroup = {
  readonly name: string;
  readonly tls: boolean;
  /** A heartbeat of the group expects an answer: an attempt has the phase `protocol`. */
  readonly expectsAnswer: boolean;
  readonly peers: readonly PeerSettings[];
};
