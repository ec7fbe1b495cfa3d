import { Resolver } from 'node:dns/promises';
import type { DnsRecordType } from '../../settings/dns-settings.ts';

/** A record, as far as it says where a target is. */
export type DnsRecord =
  | { readonly type: 'SRV'; readonly target: string; readonly port: number }
  | { readonly type: 'A' | 'AAAA'; readonly address: string };

export type DnsAnswer =
  /** No records: the name is there and has none of this type. */
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'noSuchName' }
  /** `code` as c-ares names it, like ESERVFAIL. */
  | { readonly kind: 'failed'; readonly code: string };

/** Asks name servers; closed, it answers what still waits and what comes with a failure. */
export type DnsResolver = {
  /** Asks for the name as it stands: no search list, no hosts file. Never rejects. */
  readonly ask: (name: string, type: DnsRecordType) => Promise<DnsAnswer>;
  readonly close: () => void;
};

/** A server gets 2 s, and 4 s in the second round. */
const OPTIONS = { timeout: 2000, tries: 2 };

/**
 * A resolver of the servers that resolv.conf names now. For one refresh only: it never reads that file again, and what it
 * learned about slow servers changes its deadlines.
 */
export function openResolver(): DnsResolver {
  const resolver = new Resolver(OPTIONS);
  let isClosed = false;
  return {
    ask: async (name, type) => (isClosed ? { kind: 'failed', code: 'ECANCELLED' } : ask(resolver, name, type)),
    close() {
      isClosed = true;
      resolver.cancel();
    },
  };
}

async function ask(resolver: Resolver, name: string, type: DnsRecordType): Promise<DnsAnswer> {
  try {
    return { kind: 'records', records: await recordsOf(resolver, name, type) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    if (code === 'ENODATA') return { kind: 'records', records: [] };
    return code === 'ENOTFOUND' ? { kind: 'noSuchName' } : { kind: 'failed', code };
  }
}

async function recordsOf(resolver: Resolver, name: string, type: DnsRecordType): Promise<readonly DnsRecord[]> {
  switch (type) {
    case 'SRV': {
      const records = await resolver.resolveSrv(name);
      return records.map(({ name: target, port }) => ({ type, target, port }));
    }
    case 'A':
      return (await resolver.resolve4(name)).map((address) => ({ type, address }));
    case 'AAAA':
      return (await resolver.resolve6(name)).map((address) => ({ type, address }));
  }
}
