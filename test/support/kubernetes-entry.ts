import type { KubernetesSourceSettings } from '../../src/settings/kubernetes-settings.ts';

/** An entry of `kubernetes_sd_configs` that says no more than it must, but for what is given. */
export function kubernetesEntry(some: Partial<KubernetesSourceSettings> = {}): KubernetesSourceSettings {
  return {
    lingerMs: 30_000,
    role: 'endpointslice',
    server: { kind: 'inCluster' },
    namespaces: [],
    ownNamespace: false,
    selectors: [],
    ipFamily: 'any',
    watchesPods: false,
    keepsLastApplied: false,
    ...some,
  };
}
