import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';

/** How errors of Redis, Valkey, KeyDB and Sentinel begin, what that means, and the code that we report for it. */
const ERRORS: readonly (readonly [beginning: string, goodbye: Goodbye, code?: string])[] = [
  ['-NOAUTH', 'auth_method', 'NOAUTH'],
  ['-WRONGPASS', 'auth_failed', 'WRONGPASS'],
  ['-ERR invalid password', 'auth_failed'],
  ['-ERR AUTH <password> called without any password', 'auth_method'],
  ['-ERR Client sent AUTH, but no password is set', 'auth_method'],
  ['-LOADING', 'not_ready', 'LOADING'],
  ['-MASTERDOWN', 'not_ready', 'MASTERDOWN'],
  ['-BUSY', 'overloaded', 'BUSY'],
  ['-DENIED', 'forbidden', 'DENIED'],
  ['-NOPERM', 'forbidden', 'NOPERM'],
  ['-ERR max number of clients reached', 'too_many_connections'],
  ['-ERR Protocol error', 'protocol_error'],
];

/** What an error line means. */
export function readRedisError(line: string): SaidGoodbye {
  const [, goodbye = 'other', code] = ERRORS.find(([beginning]) => line.startsWith(beginning)) ?? [];
  return code === undefined ? { goodbye } : { goodbye, goodbyeCode: code };
}

const MEANINGS = new Set(ERRORS.map(([, goodbye]) => goodbye));

/** Everything that an error line can mean. */
export const REDIS_GOODBYES: readonly Goodbye[] = [...MEANINGS, 'other'];
