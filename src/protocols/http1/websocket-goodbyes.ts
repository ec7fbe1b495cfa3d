import type { Goodbye, GoodbyeSet } from '../../domain/goodbye.ts';
import { REFUSALS, refusalOf } from './statuses.ts';

/** Codes of close frames: https://www.iana.org/assignments/websocket/websocket.xhtml, and 4401, which many applications use. */
const CODES: Readonly<Record<number, Goodbye>> = {
  1000: 'going_away',
  1001: 'going_away',
  1002: 'protocol_error',
  1003: 'protocol_error',
  1007: 'protocol_error',
  1008: 'forbidden',
  1009: 'protocol_error',
  1010: 'protocol_error',
  1011: 'server_error',
  1012: 'admin_shutdown',
  1013: 'overloaded',
  1014: 'not_ready',
  3000: 'auth_failed',
  3003: 'forbidden',
  3008: 'idle_limit',
  4401: 'auth_failed',
};

/** Every word of a close frame, and of an answer that is no handshake. */
export const WEBSOCKET_GOODBYES: GoodbyeSet = {
  connect: [...REFUSALS, 'other'],
  held: [...new Set(Object.values(CODES)), 'other'],
};

/** What a close frame means, by its payload: a code and a text, or nothing. Null: it is none. */
export function readClose(payload: Uint8Array): { readonly goodbye: Goodbye; readonly code?: string } | null {
  if (payload.length === 0) return { goodbye: 'going_away' };
  if (payload.length === 1) return null;
  const code = (payload[0] ?? 0) * 0x100 + (payload[1] ?? 0);
  return { goodbye: CODES[code] ?? 'other', code: `${code}` };
}

/** What a status means in place of a handshake. Elsewhere is not here. */
export function handshakeRefusal(status: number, hasCredentials: boolean): Goodbye {
  if (status >= 300 && status < 400) return 'not_found';
  return refusalOf(status, hasCredentials) ?? 'other';
}
