import type { DiscoveryKind } from '../peer-source.ts';
import { openResolver } from './dns-records.ts';
import { DnsSource } from './dns-source.ts';

/** Targets that the records of DNS names give. */
export const dnsDiscovery: DiscoveryKind<'dns'> = {
  name: 'dns',
  create: (settings, context) => new DnsSource(settings, context, openResolver),
};
