import { literalFamily, type Target } from '../text/host-port.ts';
import type { InheritedSettings } from './peer-settings.ts';

/** What the addresses of a group must fit. */
export type AddressRules = Pick<InheritedSettings, 'ipFamily' | 'sourceAddress'>;

/** Why a literal address cannot be reached under these rules, null when it can. */
export function addressMisfit({ literal }: Target, { ipFamily, sourceAddress }: AddressRules): string | null {
  if (literal === null) return null;
  if (ipFamily !== 'any' && ipFamily !== `ipv${literal}`) {
    return `is an IPv${literal} address, but ip_family is ${ipFamily}`;
  }
  const source = sourceAddress === null ? null : literalFamily(sourceAddress);
  if (source !== null && source !== literal) {
    return `is an IPv${literal} address, but source_address ${sourceAddress} is an IPv${source} address`;
  }
  return null;
}
