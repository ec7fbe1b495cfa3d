import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';

/** Section 9 of native_protocol_v4.spec. */
const BY_CODE: Readonly<Record<number, Goodbye>> = {
  0x0000: 'server_error',
  0x000a: 'protocol_error',
  0x0100: 'auth_failed',
  0x1000: 'not_ready', // too few replicas are up, of those that know the roles too
  0x1001: 'overloaded',
  0x1002: 'not_ready', // it joins the ring
  0x2100: 'forbidden',
};

/** Everything that an error can mean. */
export const CQL_ERRORS: readonly Goodbye[] = [...new Set([...Object.values(BY_CODE), 'other' as const])];

/** What an error means; null: it has no code that we read. */
export function readCqlError(code: number | null): SaidGoodbye {
  if (code === null) return { goodbye: 'other' };
  return { goodbye: BY_CODE[code] ?? 'other', goodbyeCode: `0x${code.toString(16).padStart(4, '0')}` };
}
