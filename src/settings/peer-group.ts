import type { PeerSettings } from './peer-settings.ts';

/** What every peer of a group has: all settings but those that come from its target. */
export type PeerTemplate = Omit<PeerSettings, 'peer' | 'host' | 'port' | 'labels'>;

/** Targets that the configuration lists, as written, with the labels they share. */
export type StaticTargets = {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** A group as the configuration gives it: which settings its peers have, and where their targets come from. */
export type GroupSettings = {
  readonly name: string;
  readonly template: PeerTemplate;
  readonly staticTargets: readonly StaticTargets[];
};

/** A group with all its peers, ready to be held. */
export type PeerGroup = {
  readonly name: string;
  readonly tls: boolean;
  readonly peers: readonly PeerSettings[];
};
