import { ByteReader, utf8 } from '../byte-reader.ts';

/** https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
export const CAPABILITY = {
  longPassword: 0x1,
  protocol41: 0x200,
  ssl: 0x800,
  secureConnection: 0x8000,
  pluginAuth: 0x80000,
  connectAttributes: 0x100000,
} as const;

/** What a server said first. */
export type MysqlGreeting = {
  /** Bits of CAPABILITY, and others. */
  readonly capabilities: number;
  readonly nonce: Uint8Array;
  /** The method that most accounts of the server have. */
  readonly plugin: string;
};

/** So many bytes a nonce has in every method that we answer. */
export const NONCE_BYTES = 20;
const FIRST_NONCE_BYTES = 8;
const THREAD_ID_BYTES = 4;
const RESERVED_BYTES = 10;
/** What servers mean that name no method. */
const OLDEST_PLUGIN = 'mysql_native_password';

/**
 * Reads the greeting of version 10 without its header; null: it is cut, or of a server older than 4.1, whose logins are too
 * weak. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
export function readMysqlGreeting(body: Uint8Array): MysqlGreeting | null {
  const reader = new ByteReader(body);
  reader.uint8(); // its version
  if (reader.text() === null) return null; // the server's version
  reader.take(THREAD_ID_BYTES);
  const first = reader.take(FIRST_NONCE_BYTES);
  reader.uint8(); // a filler
  const low = reader.uint16le();
  reader.take(3); // character set and status
  const high = reader.uint16le();
  reader.take(1 + RESERVED_BYTES); // the length of both parts of the nonce, which is always the same
  const second = reader.take(NONCE_BYTES - FIRST_NONCE_BYTES);
  if (first === null || low === null || high === null || second === null) return null;
  const capabilities = low + high * 0x10000;
  if (!has(capabilities, CAPABILITY.protocol41) || !has(capabilities, CAPABILITY.secureConnection)) return null;
  reader.uint8(); // a zero byte ends the nonce
  const nonce = Uint8Array.of(...first, ...second);
  if (!has(capabilities, CAPABILITY.pluginAuth)) return { capabilities, nonce, plugin: OLDEST_PLUGIN };
  // The first servers with methods forgot the zero byte behind the name.
  const rest = reader.rest();
  return { capabilities, nonce, plugin: new ByteReader(rest).text() ?? utf8(rest) };
}

/** Whether a bit is set. */
export function has(capabilities: number, bit: number): boolean {
  return (capabilities & bit) !== 0;
}
