import { joinBytes } from '../join-bytes.ts';
import { CAPABILITY, type MysqlGreeting } from './mysql-greeting.ts';

/** What nobody asks us for: larger packets than this we do not send. */
const LONGEST_PACKET = 262_144;
/** utf8mb4_general_ci, which MySQL and MariaDB both know. */
const CHARACTER_SET = 45;
/** What a server may show of its clients, as performance_schema.session_connect_attrs. */
const ATTRIBUTES: Readonly<Record<string, string>> = { _client_name: 'finrst', program_name: 'finrst' };

const OURS =
  CAPABILITY.longPassword |
  CAPABILITY.protocol41 |
  CAPABILITY.secureConnection |
  CAPABILITY.pluginAuth |
  CAPABILITY.connectAttributes;

/** Length and number in front. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html */
export function mysqlPacket(sequence: number, body: Uint8Array): Uint8Array {
  return joinBytes(littleEndian(body.length, 3), [sequence & 0xff], body);
}

/** Of the commands, which begin to count anew. It restarts wait_timeout, and is no query. */
export const PING = mysqlPacket(0, Uint8Array.of(0x0e));
/** Without it the server counts an aborted client and writes a warning. */
export const QUIT = mysqlPacket(0, Uint8Array.of(0x01));

/** Capabilities that both sides have; `isSecure`: TLS, which is asked for by this. */
export function commonCapabilities(ofServer: number, isSecure: boolean): number {
  return (OURS & ofServer) | CAPABILITY.protocol41 | (isSecure ? CAPABILITY.ssl : 0);
}

/** Asks for TLS: the beginning of a login. */
export function sslRequest(capabilities: number): Uint8Array {
  return joinBytes(
    littleEndian(capabilities, 4),
    littleEndian(LONGEST_PACKET, 4),
    [CHARACTER_SET],
    new Uint8Array(23), // filler
  );
}

/** What a login says. */
export type LoginWords = {
  readonly capabilities: number;
  readonly username: string;
  /** By the method that is named. */
  readonly answer: Uint8Array;
  readonly plugin: string;
};

/** The login, a body. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html */
export function loginRequest({ capabilities, username, answer, plugin }: LoginWords): Uint8Array {
  const attributes = Object.entries(ATTRIBUTES).map(([name, value]) => joinBytes(counted(name), counted(value)));
  return joinBytes(
    sslRequest(capabilities),
    joinBytes(username, [0]),
    joinBytes([answer.length], answer),
    (capabilities & CAPABILITY.pluginAuth) === 0 ? [] : joinBytes(plugin, [0]),
    (capabilities & CAPABILITY.connectAttributes) === 0 ? [] : counted(joinBytes(...attributes)),
  );
}

/**
 * A login that no server takes, in whole: it names nobody. A server counts it as a wrong login; one that is left in the middle
 * as a broken handshake, and after max_connect_errors of these in a row it lets nobody in from our host. The empty answer
 * behind it is for a server that names another method first.
 */
export function nobodysLogin({ capabilities, plugin }: MysqlGreeting, isSecure: boolean): Uint8Array {
  const sequence = isSecure ? 2 : 1;
  const answer = new Uint8Array();
  // The same as in the request for TLS: MariaDB goes by those.
  const common = commonCapabilities(capabilities, isSecure);
  const login = loginRequest({ capabilities: common, username: '', answer, plugin });
  return joinBytes(mysqlPacket(sequence, login), mysqlPacket(sequence + 2, answer));
}

/** A length below 251 is one byte. */
function counted(value: string | Uint8Array): Uint8Array {
  const bytes = joinBytes(value);
  return joinBytes([bytes.length], bytes);
}

function littleEndian(value: number, bytes: number): readonly number[] {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
}
