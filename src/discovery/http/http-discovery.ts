import type { DiscoveryKind } from '../peer-source.ts';
import { HttpSource } from './http-source.ts';

/** Targets that an HTTP server lists as JSON, in the grammar of Prometheus. */
export const httpDiscovery: DiscoveryKind<'http'> = {
  name: 'http',
  create: (settings, context) => new HttpSource(settings, context),
};
