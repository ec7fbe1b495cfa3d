import type { Credentials } from '../../settings/protocol-settings.ts';
import type { ProtocolKind } from '../session.ts';
import type { Script } from './compile-script.ts';
import { scriptKind } from './script-kind.ts';
import { expectLine, means, saysWord, send, template } from './script-steps.ts';

/** The control connection of FTP: USER, PASS, NOOP; no transfer (RFC 959). */
export const ftp: ProtocolKind<'ftp'> = scriptKind('ftp', ftpScript);

/** 421 says that the server closes (RFC 959, 4.2). The words are those of vsftpd, ProFTPD and Pure-FTPd. */
const CLOSING = [
  means('idle_limit', saysWord('421', 'timeout|timed out|idle|inactive|inactivity')),
  means('too_many_connections', saysWord('421', 'too many|maximum|limit|limits')),
  means('admin_shutdown', saysWord('421', 'shut|shutdown|shutting')),
  means('server_error', '^500 OOPS'),
];

const REFUSALS = [
  ...CLOSING,
  means('not_ready', '^(421|120)[ -]'),
  means('too_many_connections', saysWord('530', 'too many|maximum')),
  means('tls_mismatch', '(?i)^(530|550)[ -].*(encrypt|tls|ssl)'),
  means('auth_failed', '^530[ -]'),
  means('auth_method', '^(332|331|532|534)[ -]'),
  means('tls_mismatch', '^(522|533)[ -]'),
  means('overloaded', '^4[0-9]{2}[ -]'),
  means('protocol_error', '^50[0-4][ -]'),
  means('other', '^5[0-9]{2}[ -]'),
];

function ftpScript({ username }: Credentials): Script {
  const [user, password] = username === null ? ['anonymous', 'finrst@'] : ['${username}', '${password}'];
  return {
    login: [
      expectLine('^220 '),
      send(`USER ${user}\\r\\n`),
      // Some take a user without a password, and say of the password that it comes too late.
      expectLine('^(331|230) '),
      send(`PASS ${password}\\r\\n`),
      expectLine('^(230|202|503) '),
    ],
    // A server that says no is alive.
    heartbeat: { send: template('NOOP\\r\\n'), expect: { kind: 'line', pattern: '^[245][0-9]{2} ' } },
    refusals: REFUSALS,
    goodbyes: [...CLOSING, means('going_away', '^421[ -]')],
    farewell: template('QUIT\\r\\n'),
    first: { oneOf: '1245', expected: 'replies of FTP' },
  };
}
