import type { DiscoveryKindName, SourceSettings } from '../settings/source-settings.ts';
import { kubernetesDiscovery } from './kubernetes/kubernetes-discovery.ts';
import type { DiscoveryKind, PeerSource, SourceContext } from './peer-source.ts';
import { dnsDiscovery } from './dns/dns-discovery.ts';
import { fileDiscovery } from './file/file-discovery.ts';
import { httpDiscovery } from './http/http-discovery.ts';
import { staticDiscovery } from './static/static-discovery.ts';

/** Every way to find targets. */
export const DISCOVERY_KINDS: { readonly [Kind in DiscoveryKindName]: DiscoveryKind<Kind> } = {
  static: staticDiscovery,
  kubernetes: kubernetesDiscovery,
  file: fileDiscovery,
  http: httpDiscovery,
  dns: dnsDiscovery,
};

/** The source that these settings ask for. */
export function createSource<Kind extends DiscoveryKindName>(
  { kind, settings }: SourceSettings<Kind>,
  context: SourceContext,
): PeerSource {
  return DISCOVERY_KINDS[kind].create(settings, context);
}
