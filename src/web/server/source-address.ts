import { isIPv6 } from 'node:net';

/**
 * Who a client is where clients share what is scarce: its address, of IPv6 the /64 that one host or site has to itself.
 * An IPv4 address that is written as IPv6 counts as itself. Unknown (the client is gone already): the empty string.
 */
export function sourceOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return '';
  const mapped = /^::ffff:([\d.]+)$/i.exec(remoteAddress)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(remoteAddress)) return remoteAddress;
  const [head = '', tail] = remoteAddress.split('%', 1)[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - (tail === '' ? 0 : tail.split(':').length);
  const hextets = [...first, ...Array.from({ length: zeros }, () => '0'), ...(tail ?? '').split(':')];
  return hextets.slice(0, 4).join(':');
}
