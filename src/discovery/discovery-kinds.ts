import type { DiscoveryKindName, SourceSettings } from '../settings/source-settings.ts';
import type { DiscoveryKind, PeerSource } from './peer-source.ts';
import { staticDiscovery } from './static/static-discovery.ts';

/** Every way to find targets. */
export const DISCOVERY_KINDS: { readonly [Kind in DiscoveryKindName]: DiscoveryKind<Kind> } = {
  static: staticDiscovery,
};

/** The source that these settings ask for. */
export function createSource<Kind extends DiscoveryKindName>({ kind, settings }: SourceSettings<Kind>): PeerSource {
  return DISCOVERY_KINDS[kind].create(settings);
}
