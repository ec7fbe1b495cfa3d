import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { IpFamily } from '../../settings/peer-settings.ts';

export type LookupAnswer =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string };

/** Calls back once with every address of the name, in the order the resolver gave. */
export type NameLookup = (host: string, family: IpFamily, callback: (answer: LookupAnswer) => void) => void;

const FAMILY: Readonly<Record<IpFamily, 0 | 4 | 6>> = { any: 0, ipv4: 4, ipv6: 6 };

/**
 * Resolves as the host does (getaddrinfo: hosts file, search domains). Look-ups of one name that run at the same time are
 * one look-up, so there are never more of them than names, however slow the resolver. A literal address needs none.
 */
export function createNameLookup(): NameLookup {
  const running = new Map<string, ((answer: LookupAnswer) => void)[]>();
  return (host, family, callback) => {
    if (isIP(host) !== 0) {
      callback({ kind: 'found', addresses: [host] });
      return;
    }
    const key = `${FAMILY[family]} ${host}`;
    const waiting = running.get(key);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    running.set(key, [callback]);
    lookup(host, { all: true, family: FAMILY[family], order: 'verbatim' }, (error, found) => {
      const callbacks = running.get(key) ?? [];
      running.delete(key);
      const answer: LookupAnswer =
        error === null
          ? { kind: 'found', addresses: found.map(({ address }) => address) }
          : { kind: 'failed', code: error.code ?? 'UNKNOWN' };
      for (const each of callbacks) each(answer);
    });
  };
}
