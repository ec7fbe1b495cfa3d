import { type Goodbye, GOODBYES, type SaidGoodbye } from '../domain/goodbye.ts';
import type { WordGroup } from './explained-words.ts';

/** What each goodbye means, for people: the end of a sentence that begins with the peer. No full stop at the end. */
const WORDS: Readonly<Record<Goodbye, string>> = {
  admin_shutdown: 'it, or an operator, ended this: a stop, a restart, a kill',
  going_away: 'please move on; no word about why',
  lame_duck: 'it will go soon, and still serves',
  idle_limit: 'we were silent, or logging in, for too long',
  max_age: 'the connection is old enough',
  replaced: 'another client took our session',
  slow_down: 'we ask for too much',
  overloaded: 'it has too much to do, or too little memory or disk',
  too_many_connections: 'a limit on connections is reached',
  not_ready: 'it starts, recovers or stops: not now',
  auth_failed: 'the credentials are refused, expired or withdrawn',
  auth_method: 'it wants a login that the configuration does not give, or one that we do not speak',
  forbidden: 'we are known, and not allowed',
  blocked: 'our address is banned',
  not_found: 'the database, path or service is not there',
  tls_mismatch: 'it wants TLS and we do not, or the other way round',
  protocol_error: 'we broke the protocol, or it does not speak this version of it',
  server_error: 'it broke',
  other: 'words that we do not know',
};

/** What the peer said, in short: `admin_shutdown (57P01)`; undefined: nothing. */
export function goodbyeName({ goodbye, goodbyeCode }: Partial<SaidGoodbye>): string | undefined {
  return goodbyeCode === undefined ? goodbye : `${goodbye} (${goodbyeCode})`;
}

/** What the peer said of an end or a refusal, as the rest of a sentence; empty where it said nothing. */
export function goodbyeSentence(said: Partial<SaidGoodbye>): string {
  return said.goodbye === undefined ? '' : `; it said ${goodbyeName(said)}: ${WORDS[said.goodbye]}`;
}

/** Every goodbye with its words, in the order of the table in docs/reasons.md. */
export const GOODBYE_GROUP: WordGroup = {
  name: 'goodbye',
  kind: 'goodbye',
  what: 'what the peer itself said of a refused login or of an end, in the words of its protocol',
  words: GOODBYES.map((reason) => ({
    term: `goodbye/${reason}`,
    group: 'goodbye',
    reason,
    anchor: `goodbye-${reason}`,
    what: WORDS[reason],
  })),
};
