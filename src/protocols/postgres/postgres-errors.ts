import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';
import { ByteReader } from '../byte-reader.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const BY_SQLSTATE: Readonly<Record<string, Goodbye>> = {
  '57P01': 'admin_shutdown',
  '57P02': 'server_error',
  '57P03': 'not_ready',
  '57P04': 'not_found',
  '57P05': 'idle_limit',
  '25P03': 'idle_limit',
  '25P04': 'idle_limit',
  '53300': 'too_many_connections',
  '28P01': 'auth_failed',
  '28000': 'forbidden',
  '3D000': 'not_found',
  '42501': 'forbidden',
  '08P01': 'protocol_error',
  '0A000': 'protocol_error',
};

/** What pgbouncer says under its one code: its texts are never translated. The first that fits counts. */
const BY_POOLER_TEXT: readonly (readonly [string, Goodbye])[] = [
  ['client_idle_timeout', 'idle_limit'],
  ['client_login_timeout', 'idle_limit'],
  ['idle transaction timeout', 'idle_limit'],
  ['no more connections allowed', 'too_many_connections'],
  ['database removed', 'not_found'],
  ['no such database', 'not_found'],
  ['no such user', 'not_found'],
  ['server shutting down', 'admin_shutdown'],
  ['pgbouncer is shutting down', 'admin_shutdown'],
  ['admin forced', 'admin_shutdown'],
  ['query_wait_timeout', 'overloaded'],
  ['pgbouncer cannot connect to server', 'not_ready'],
  ['password authentication failed', 'auth_failed'],
  ['SASL authentication failed', 'auth_failed'],
];

/** An error or a notice of the server. */
export type PostgresError = SaidGoodbye & {
  /** FATAL and PANIC end the connection. */
  readonly isFatal: boolean;
};

/** Everything that an error can mean. */
export const POSTGRES_GOODBYES: readonly Goodbye[] = [
  ...new Set([...Object.values(BY_SQLSTATE), 'overloaded' as const, 'other' as const]),
];

/** Reads the fields of an ErrorResponse or a NoticeResponse. What is missing or cut is as if it were not said. */
export function readPostgresError(body: Uint8Array): PostgresError {
  const fields = readFields(body);
  const code = fields.get('C') ?? '';
  // Not translated since 9.6; before, and in pgbouncer, only the one that may be.
  const severity = fields.get('V') ?? fields.get('S') ?? '';
  const isPooler = code === '08P01' && !fields.has('V');
  const goodbye = (isPooler ? poolerMeaning(fields.get('M') ?? '') : null) ?? meaningOf(code);
  const isFatal = severity === 'FATAL' || severity === 'PANIC';
  return /^[0-9A-Z]{5}$/.test(code) ? { goodbye, goodbyeCode: code, isFatal } : { goodbye, isFatal };
}

function meaningOf(sqlState: string): Goodbye {
  return BY_SQLSTATE[sqlState] ?? (sqlState.startsWith('53') ? 'overloaded' : 'other');
}

function poolerMeaning(text: string): Goodbye | null {
  return BY_POOLER_TEXT.find(([part]) => text.includes(part))?.[1] ?? null;
}

/** Each field is one character and a text; a zero character ends them. */
function readFields(body: Uint8Array): ReadonlyMap<string, string> {
  const reader = new ByteReader(body);
  const fields = new Map<string, string>();
  for (;;) {
    const type = reader.uint8();
    const text = type === null || type === 0 ? null : reader.text();
    if (type === null || text === null) return fields;
    fields.set(String.fromCharCode(type), text);
  }
}
