import { expect, test } from 'vitest';
import { addressMisfit } from '../../../src/settings/address-misfit.ts';
import type { IpFamily } from '../../../src/settings/peer-settings.ts';
import { parseTarget } from '../../../src/text/host-port.ts';

test.each<{ target: string; family: IpFamily; source: string | null; misfit: string | null }>([
  { target: 'h:1', family: 'ipv4', source: '::1', misfit: null },
  { target: '192.0.2.7:1', family: 'any', source: null, misfit: null },
  { target: '192.0.2.7:1', family: 'ipv4', source: null, misfit: null },
  { target: '192.0.2.7:1', family: 'ipv6', source: null, misfit: 'is an IPv4 address, but ip_family is ipv6' },
  { target: '[::1]:1', family: 'any', source: null, misfit: null },
  { target: '[::1]:1', family: 'ipv6', source: null, misfit: null },
  { target: '[::1]:1', family: 'ipv4', source: null, misfit: 'is an IPv6 address, but ip_family is ipv4' },
  { target: '192.0.2.7:1', family: 'any', source: '127.0.0.1', misfit: null },
  { target: '[::1]:1', family: 'any', source: '::1', misfit: null },
  {
    target: '192.0.2.7:1',
    family: 'any',
    source: '::1',
    misfit: 'is an IPv4 address, but source_address ::1 is an IPv6 address',
  },
  {
    target: '[::1]:1',
    family: 'any',
    source: '127.0.0.1',
    misfit: 'is an IPv6 address, but source_address 127.0.0.1 is an IPv4 address',
  },
  // What is wrong with the family is said first: the source address may be wrong for the same reason.
  { target: '[::1]:1', family: 'ipv4', source: '127.0.0.1', misfit: 'is an IPv6 address, but ip_family is ipv4' },
])('$target under $family from $source: $misfit', ({ target, family, source, misfit }) => {
  const parsed = parseTarget(target);
  if (parsed.kind === 'invalid') throw new Error(parsed.message);
  expect(addressMisfit(parsed.target, { ipFamily: family, sourceAddress: source })).toBe(misfit);
});
