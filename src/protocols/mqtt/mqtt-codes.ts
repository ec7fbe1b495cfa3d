import type { Goodbye } from '../../domain/goodbye.ts';

/**
 * What a code of CONNACK or DISCONNECT means. Below 0x80: of version 3.1.1 (3.2.2.3), which servers of version 5 that speak only
 * 3.1.1 answer with as well; above: of version 5 (2.4). Those that are missing are `other`.
 */
const MEANINGS: Readonly<Record<number, Goodbye>> = {
  1: 'protocol_error', // unacceptable protocol version
  2: 'protocol_error', // identifier rejected
  3: 'not_ready',
  4: 'auth_failed',
  5: 'auth_failed', // not authorized; Mosquitto says it to a wrong password
  0x81: 'protocol_error',
  0x82: 'protocol_error',
  0x84: 'protocol_error',
  0x85: 'protocol_error', // client identifier not valid
  0x86: 'auth_failed',
  0x87: 'forbidden',
  0x88: 'not_ready',
  0x89: 'overloaded',
  0x8a: 'blocked',
  0x8b: 'admin_shutdown',
  0x8c: 'auth_method',
  0x8d: 'idle_limit',
  0x8e: 'replaced',
  0x93: 'protocol_error',
  0x95: 'protocol_error',
  0x96: 'slow_down',
  0x97: 'overloaded', // quota exceeded
  0x98: 'admin_shutdown',
  0x9c: 'going_away', // use another server
  0x9d: 'going_away', // server moved
  0x9f: 'slow_down', // connection rate exceeded
  0xa0: 'max_age',
};

/** What a code means. */
export function meaningOf(code: number): Goodbye {
  return MEANINGS[code] ?? 'other';
}

/** As it stands in the specification of its version: `5`, `0x87`. */
export function codeText(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16)}`;
}

/** Everything that a code can mean. */
export const MQTT_GOODBYES: readonly Goodbye[] = [...new Set([...Object.values(MEANINGS), 'other' as const])];
