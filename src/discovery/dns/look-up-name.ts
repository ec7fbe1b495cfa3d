import type { DnsRecordType } from '../../settings/dns-settings.ts';
import type { DnsRecord, DnsResolver } from './dns-records.ts';
import { namesToAsk, type SearchList } from './search-list.ts';

export type NameAnswer =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  /** `why` is the end of a sentence that begins with the name. */
  | { readonly kind: 'failed'; readonly why: string };

/** What people know the codes of c-ares by. */
const CODE_WORDS: ReadonlyMap<string, string> = new Map([
  ['ESERVFAIL', 'SERVFAIL from the name servers'],
  ['EREFUSED', 'REFUSED by the name servers'],
  ['EFORMERR', 'FORMERR from the name servers'],
  ['ENOTIMP', 'NOTIMP from the name servers'],
  ['EBADRESP', 'an answer that cannot be read'],
  ['ETIMEOUT', 'no answer from the name servers'],
  ['ECANCELLED', 'no answer from the name servers in time'],
  ['ECONNREFUSED', 'no name server listens'],
]);

/**
 * The records of a name, along the search list. The first domain that answers counts, though it may have no records. Where
 * all say that there is no such name, there are none. Any other failure, with no answer elsewhere, is one: nothing is known
 * then.
 */
export async function lookUpName(
  resolver: DnsResolver,
  { name, type }: { readonly name: string; readonly type: DnsRecordType },
  search: SearchList,
): Promise<NameAnswer> {
  let failure: NameAnswer | null = null;
  for (const whole of namesToAsk(name, search)) {
    const answer = await resolver.ask(whole, type);
    switch (answer.kind) {
      case 'records':
        return answer;
      case 'noSuchName':
        continue;
      case 'failed':
        failure ??= { kind: 'failed', why: `${CODE_WORDS.get(answer.code) ?? answer.code} for ${whole}` };
    }
  }
  return failure ?? { kind: 'records', records: [] };
}
