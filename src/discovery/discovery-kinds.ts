import { staticDiscovery } from './static/static-discovery.ts';

/** Every way to find targets. */
export const DISCOVERY_KINDS = { static: staticDiscovery } as const;
