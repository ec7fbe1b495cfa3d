import type { Goodbye } from '../../domain/goodbye.ts';

/** What the code of a refused bind means (RFC 4511, appendix A). Those that are missing are `other`. */
const REFUSALS: Readonly<Record<number, Goodbye>> = {
  1: 'server_error',
  2: 'protocol_error',
  7: 'auth_method',
  8: 'tls_mismatch', // strongerAuthRequired
  13: 'tls_mismatch', // confidentialityRequired
  34: 'auth_failed', // no name at all
  48: 'auth_failed',
  49: 'auth_failed',
  50: 'forbidden',
  51: 'overloaded',
  52: 'not_ready',
  53: 'forbidden',
  80: 'server_error',
};

/** And that of a notice of disconnection (4.4.1). */
const NOTICES: Readonly<Record<number, Goodbye>> = {
  2: 'protocol_error',
  3: 'idle_limit', // timeLimitExceeded
  8: 'auth_failed', // the security of the connection was withdrawn
  51: 'overloaded',
  52: 'admin_shutdown',
};

/** What a refused bind means. */
export function refusalOf(code: number): Goodbye {
  return REFUSALS[code] ?? 'other';
}

/** What a notice of disconnection means. */
export function noticeOf(code: number): Goodbye {
  return NOTICES[code] ?? 'other';
}

/** Everything that a server can say of a login, */
export const LDAP_REFUSALS: readonly Goodbye[] = [...new Set([...Object.values(REFUSALS), 'other' as const])];
/** and of an end. */
export const LDAP_GOODBYES: readonly Goodbye[] = [...new Set([...Object.values(NOTICES), 'other' as const])];
