import type { DiscoveryKind, SourceContext } from '../peer-source.ts';
import { KubernetesSource } from './kubernetes-source.ts';
import { WatchPool } from './watch-pool.ts';

/** Sources that were made with one context share their watches. */
const POOLS = new WeakMap<SourceContext, WatchPool>();

/** Targets from the objects of a Kubernetes cluster: EndpointSlices, pods, Services. */
export const kubernetesDiscovery: DiscoveryKind<'kubernetes'> = {
  name: 'kubernetes',
  create: (settings, context) => {
    const { clock, readFile } = context;
    const pool = POOLS.get(context) ?? createPool(context);
    POOLS.set(context, pool);
    return new KubernetesSource(settings, { clock, readFile, pool });
  },
};

function createPool(context: SourceContext): WatchPool {
  return new WatchPool({ environment: {}, configureSocket: () => false, ...context });
}
