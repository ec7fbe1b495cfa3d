import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const BY_CODE: Readonly<Record<number, Goodbye>> = {
  1: 'server_error',
  9: 'protocol_error', // a command that it cannot read
  11: 'auth_failed', // no such user
  13: 'auth_method', // it wants a login for what nobody needs one for
  18: 'auth_failed',
  50: 'overloaded', // it took too long
  59: 'protocol_error', // a command that it does not know
  91: 'admin_shutdown',
  189: 'not_ready', // another one becomes the primary
  262: 'overloaded', // it took too long
  334: 'auth_method', // the mechanism is not enabled, or not for this user
  8000: 'auth_failed', // of Atlas
  10_107: 'not_ready', // it is not the primary
  11_600: 'admin_shutdown',
  11_602: 'not_ready', // another one becomes the primary
  13_435: 'not_ready', // it is a secondary
  13_436: 'not_ready', // it recovers
};

/** Everything that a refusal can mean. */
export const MONGODB_REFUSALS: readonly Goodbye[] = [...new Set([...Object.values(BY_CODE), 'other' as const])];
/** What says that the server goes. */
export const MONGODB_GOODBYES: readonly Goodbye[] = ['admin_shutdown'];

/** What an error means; null: it has no code. */
export function readMongodbError(code: number | null): SaidGoodbye {
  if (code === null || !Number.isInteger(code)) return { goodbye: 'other' };
  return { goodbye: BY_CODE[code] ?? 'other', goodbyeCode: String(code) };
}
