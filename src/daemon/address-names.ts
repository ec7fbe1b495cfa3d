import type { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import { isHostName } from '../text/host-port.ts';
import { canonicalAddress } from '../text/ip-text.ts';

/** Where names of addresses come from. */
export type AddressNamesOptions = {
  readonly clock: Pick<Clock, 'after'>;
  /** The text of the hosts file. */
  readonly hostsText: string;
  readonly resolver: Pick<Resolver, 'reverse' | 'resolve4' | 'resolve6' | 'cancel'>;
  /** DNS has no longer; what it has not answered by then has no name. */
  readonly forMs: number;
};

/** Questions under way: a resolver of a home router drops more. */
const AT_ONCE = 16;
/** A host with more peers gets addresses for the rest. */
const MOST_ASKED = 2000;

/** Names of addresses: the first of the hosts file, else that of DNS where the name leads back to the address. */
export async function addressNames(
  addresses: ReadonlySet<string>,
  { clock, hostsText, resolver, forMs }: AddressNamesOptions,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const [address, name] of namesInHosts(hostsText)) if (addresses.has(address)) names.set(address, name);
  const left = [...addresses].filter((address) => !names.has(address) && !isLoopback(address)).slice(0, MOST_ASKED);
  let isOver = false;
  const deadline = clock.after(forMs, () => {
    isOver = true;
    resolver.cancel();
  });
  const asked = left.values();
  const ask = async (): Promise<void> => {
    for (const address of asked) {
      const name = isOver ? null : await nameInDns(address, resolver);
      if (name !== null) names.set(address, name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  deadline.cancel();
  return names;
}

/** hosts(5): an address and its names on each line, `#` begins a comment. The first line with an address counts. */
function namesInHosts(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [address = '', name = ''] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const canonical = canonicalAddress(address);
    if (isIP(address) !== 0 && isName(name) && !names.has(canonical)) names.set(canonical, name);
  }
  return names;
}

/** Anybody may call his address like somebody else's: only a name that has the address is its name. */
async function nameInDns(address: string, resolver: AddressNamesOptions['resolver']): Promise<string | null> {
  try {
    const [name = ''] = await resolver.reverse(address);
    if (!isName(name)) return null;
    const found = await (isIP(address) === 6 ? resolver.resolve6(name) : resolver.resolve4(name));
    return found.map(canonicalAddress).includes(address) ? name : null;
  } catch {
    return null;
  }
}

function isName(text: string): boolean {
  return isIP(text) === 0 && isHostName(text);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
