import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';
import { ByteReader } from '../byte-reader.ts';

/**
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, and from 4000 on, except 4031, MariaDB's own:
 * https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const BY_CODE: Readonly<Record<number, Goodbye>> = {
  1037: 'overloaded', // out of memory
  1038: 'overloaded', // out of sort memory
  1040: 'too_many_connections',
  1041: 'overloaded', // out of memory
  1042: 'forbidden', // the server cannot find the name of our address
  1043: 'protocol_error', // bad handshake
  1044: 'forbidden', // no right to the database
  1045: 'auth_failed',
  1049: 'not_found', // no such database
  1053: 'admin_shutdown', // the server is shutting down
  1077: 'admin_shutdown', // a normal shutdown
  1078: 'admin_shutdown', // a signal
  1079: 'admin_shutdown', // the shutdown is complete
  1080: 'admin_shutdown', // it closes its threads
  1129: 'blocked', // max_connect_errors
  1130: 'forbidden', // no account for our address
  1153: 'protocol_error', // a packet beyond max_allowed_packet
  1156: 'protocol_error', // packets out of order
  1159: 'idle_limit', // a timeout while it read
  1203: 'too_many_connections', // max_user_connections
  1226: 'too_many_connections', // a limit of the account
  1251: 'auth_method', // the client is too old for the account's method
  1698: 'auth_failed', // MariaDB: no password was given
  1820: 'auth_failed', // the password has to be changed first
  1835: 'protocol_error', // a malformed packet
  1862: 'auth_failed', // the password has expired
  1927: 'admin_shutdown', // MariaDB: KILL
  2012: 'auth_method', // Vitess and go-mysql-server: no method of the account is allowed here, most often without TLS
  3032: 'admin_shutdown', // offline mode
  3118: 'auth_failed', // the account is locked
  3159: 'tls_mismatch', // require_secure_transport
  3168: 'not_ready', // the server is not available
  3169: 'admin_shutdown', // KILL
  3955: 'auth_failed', // locked after FAILED_LOGIN_ATTEMPTS
  4031: 'idle_limit', // wait_timeout, since MySQL 8.0.24
  4150: 'auth_failed', // MariaDB: blocked after max_password_errors
  4151: 'auth_failed', // MariaDB: the account is locked
};

/** Everything that an error can mean. */
export const MYSQL_GOODBYES: readonly Goodbye[] = [...new Set([...Object.values(BY_CODE), 'other' as const])];

/**
 * Reads an ERR packet without its header. Its text is translated and never looked at; before the login there is no SQLSTATE
 * either. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html
 */
export function readMysqlError(body: Uint8Array): SaidGoodbye {
  const reader = new ByteReader(body);
  reader.uint8(); // says that it is an error
  const code = reader.uint16le();
  return code === null ? { goodbye: 'other' } : { goodbye: BY_CODE[code] ?? 'other', goodbyeCode: String(code) };
}
