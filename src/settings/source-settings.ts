import type { KubernetesSourceSettings } from './kubernetes-settings.ts';
import type { DnsSettings } from './dns-settings.ts';
import type { FileSettings } from './file-settings.ts';
import type { HttpSettings } from './http-settings.ts';

/** Targets that the configuration lists, as written, with the labels they share. */
export type StaticTargets = {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** What the configuration says of one source of targets, by discovery kind. A new kind adds its line. */
export type SettingsOfKind = {
  readonly static: readonly StaticTargets[];
  readonly kubernetes: KubernetesSourceSettings;
  readonly file: FileSettings;
  readonly http: HttpSettings;
  readonly dns: DnsSettings;
};

/** The discovery kinds by the names that metrics and messages use. */
export type DiscoveryKindName = keyof SettingsOfKind;

/** One source of targets of a group. */
export type SourceSettings<Kind extends DiscoveryKindName = DiscoveryKindName> = {
  readonly [Each in Kind]: { readonly kind: Each; readonly settings: SettingsOfKind[Each] };
}[Kind];

/** The targets that the configuration itself lists. */
export function staticTargetsOf(sources: readonly SourceSettings[]): readonly StaticTargets[] {
  return sources.flatMap(({ kind, settings }) => (kind === 'static' ? settings : []));
}
