/** Refusals of the credentials that all peers of a group share. */
const OF_CREDENTIALS = ['auth_failed', 'auth_method', 'forbidden', 'blocked'] as const;

/** Refusals that repetition makes worse: servers lock accounts, ban addresses or delay everybody's logins. */
const MADE_WORSE = [...OF_CREDENTIALS, 'not_found', 'tls_mismatch', 'protocol_error'] as const;

/**
 * What a peer may say in its protocol's own words, for a refused login and for an end: one closed set of meanings for all
 * protocols, since they are a metric label. A goodbye explains; it never changes the class or the reason of an end.
 */
export const GOODBYES = [
  'admin_shutdown',
  'going_away',
  'lame_duck',
  'idle_limit',
  'max_age',
  'replaced',
  'slow_down',
  'overloaded',
  'too_many_connections',
  'not_ready',
  ...MADE_WORSE,
  'server_error',
  'other',
] as const;

/** What a peer said; the label `goodbye`. */
export type Goodbye = (typeof GOODBYES)[number];

/** A goodbye of one peer. */
export type SaidGoodbye = {
  readonly goodbye: Goodbye;
  /**
   * The protocol's own number or code for it (`57P01`), made by us from what was parsed: at most 16 characters of
   * `0-9A-Za-z_.-`. For log, span and event, never for a label.
   */
  readonly goodbyeCode?: string;
};

/** What the peers of a group can say, by when they say it: exactly these series exist. */
export type GoodbyeSet = { readonly connect: readonly Goodbye[]; readonly held: readonly Goodbye[] };

/** Whether the next attempt after this refusal has to wait longer than after other failures. */
export function slowsDown(goodbye: Goodbye): boolean {
  return isOneOf(MADE_WORSE, goodbye);
}

/** Whether another login with the same credentials is likely to be refused as well, by whichever peer of the group. */
export function refusesCredentials(goodbye: Goodbye): boolean {
  return isOneOf(OF_CREDENTIALS, goodbye);
}

function isOneOf(words: readonly Goodbye[], goodbye: Goodbye): boolean {
  return words.includes(goodbye);
}
