import type { Goodbye } from '../../domain/goodbye.ts';

/** What `-ERR` says, in lower case, and what that means. https://github.com/nats-io/nats-server/blob/main/server/errors.go has the words. */
const ERRORS: readonly (readonly [words: string, goodbye: Goodbye])[] = [
  ['stale connection', 'idle_limit'],
  ['authentication timeout', 'idle_limit'],
  ['authorization violation', 'auth_failed'],
  ['user authentication expired', 'auth_failed'],
  ['user authentication revoked', 'auth_failed'],
  ['account authentication expired', 'auth_failed'],
  ['maximum connections exceeded', 'too_many_connections'],
  ['maximum account active connections exceeded', 'too_many_connections'],
  ['server shutdown', 'admin_shutdown'],
  ['kicked', 'admin_shutdown'],
  ['slow consumer', 'overloaded'],
  ['connection throttling', 'overloaded'],
  ['secure connection', 'tls_mismatch'],
  ['duplicate client id', 'replaced'],
  ['parser error', 'protocol_error'],
  ['unknown protocol operation', 'protocol_error'],
  ['invalid protocol', 'protocol_error'],
  ['maximum control line exceeded', 'protocol_error'],
  ['maximum payload violation', 'protocol_error'],
];

/** Errors of what a client asked for: the connection goes on. */
const HARMLESS = ['permissions violation', 'invalid subject', 'invalid publish subject'];

/** What an error means; null: the connection goes on. */
export function readNatsError(words: string): Goodbye | null {
  const said = words.toLowerCase();
  if (HARMLESS.some((harmless) => said.startsWith(harmless))) return null;
  return ERRORS.find(([beginning]) => said.startsWith(beginning))?.[1] ?? 'other';
}

const MEANINGS: readonly Goodbye[] = [...new Set(ERRORS.map(([, goodbye]) => goodbye)), 'other'];

/** What a server says of a login; without TLS where it wants it, or with it where it has none, too. */
export const NATS_REFUSALS: readonly Goodbye[] = MEANINGS;
/** And of an end. */
export const NATS_GOODBYES: readonly Goodbye[] = [...MEANINGS, 'lame_duck'];
