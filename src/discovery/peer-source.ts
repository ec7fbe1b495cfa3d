import type { DiscoveryKindName, SettingsOfKind } from '../settings/source-settings.ts';

/** Label names and values of one target. `__address__` is its HOST:PORT; labels that begin with `__` are not exported. */
export type TargetLabels = Readonly<Record<string, string>>;

/** One set of targets that a source names and replaces as a whole, such as one entry of a file. No targets: the set is gone. */
export type TargetGroup = {
  /** Where the set comes from; unique within its source, and the same at each update. */
  readonly source: string;
  readonly targets: readonly TargetLabels[];
  /** Labels of all targets of the set; a target's own win. */
  readonly labels: TargetLabels;
};

export type SourceUpdate =
  /** These sets are now so; the source's other sets stay as they are. */
  | { readonly kind: 'groups'; readonly groups: readonly TargetGroup[] }
  /** All that was there at the start has been published. */
  | { readonly kind: 'synced' }
  /** The source could not be read; what was published before stays. */
  | { readonly kind: 'failed'; readonly why: string };

/** Where targets come from. It knows nothing of peers. */
export interface PeerSource {
  /** Publishes what is there now, and every change until `stop`. May call `publish` before it returns. */
  start(publish: (update: SourceUpdate) => void): void;
  /** Nothing is published afterwards. */
  stop(): void;
}

/** One way to find targets. Each kind exports one such value, and the registry lists it. */
export type DiscoveryKind<Kind extends DiscoveryKindName> = {
  readonly name: Kind;
  readonly create: (settings: SettingsOfKind[Kind]) => PeerSource;
};
