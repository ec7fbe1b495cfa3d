/** The /24 of an IPv4 address, the /64 of an IPv6 address, in CIDR; an IPv4 address in IPv6 counts as IPv4. */
export function addressPrefix(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const parts = mapped.split('.');
  if (parts.length === 4) return `${parts.slice(0, 3).join('.')}.0/24`;
  const [bare = ''] = mapped.split('%');
  return `${firstGroups(bare).join(':')}::/64`;
}

/** The first four groups, without leading zeros. */
function firstGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
