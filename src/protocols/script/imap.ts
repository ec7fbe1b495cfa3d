import type { MailSettings } from '../../settings/protocol-settings.ts';
import type { ProtocolKind } from '../session.ts';
import type { Script } from './compile-script.ts';
import { scriptKind } from './script-kind.ts';
import { expectLine, expectTls, means, send, template } from './script-steps.ts';

/** IMAP without a mailbox: greeting and, where asked for, STARTTLS and LOGIN (RFC 9051, codes of RFC 5530). */
export const imap: ProtocolKind<'imap'> = scriptKind('imap', imapScript);

/** BYE says that the server closes. The words are those of Dovecot, Cyrus and Courier. */
const BYE = [
  means('idle_limit', '(?i)^\\* BYE .*(inactiv|idle|timeout|timed out|too long)'),
  means('admin_shutdown', '(?i)^\\* BYE .*(shut|restart)'),
  means('too_many_connections', '(?i)^\\* BYE .*(\\[LIMIT\\]|too many|maximum)'),
];

const REFUSALS = [
  ...BYE,
  means('not_ready', '^\\* BYE'),
  means('auth_failed', '^b NO \\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\\]'),
  means('too_many_connections', '^b NO \\[(LIMIT|INUSE)\\]'),
  means('not_ready', '^b NO \\[UNAVAILABLE\\]'),
  means('tls_mismatch', '^(b NO|a NO|a BAD) \\[PRIVACYREQUIRED\\]'),
  means('forbidden', '^b NO \\[(NOPERM|CONTACTADMIN)\\]'),
  means('other', '^b NO \\['),
  // Without a code it means that name or password were refused (RFC 9051, 6.2.3).
  means('auth_failed', '^b NO'),
  means('auth_method', '^b BAD'),
];

/** A server that asks for more has not understood LOGIN with both of its arguments. */
const ASKS_ON = means('auth_method', '^\\+');

function imapScript({ starttls, username }: MailSettings): Script {
  const tls = [send('a STARTTLS\\r\\n'), expectTls('^a OK', [means('tls_mismatch', '^a (NO|BAD)')])];
  const login = [send('b LOGIN ${quoted:${username}} ${quoted:${password}}\\r\\n'), expectLine('^b OK', [ASKS_ON])];
  return {
    login: [expectLine('^\\* (OK|PREAUTH)'), ...(starttls ? tls : []), ...(username === null ? [] : login)],
    // A server that says no is alive.
    heartbeat: { send: template('c NOOP\\r\\n'), expect: { kind: 'line', pattern: '^c (OK|NO|BAD)' } },
    refusals: REFUSALS,
    goodbyes: [...BYE, means('not_ready', '^\\* BYE \\[UNAVAILABLE\\]'), means('going_away', '^\\* BYE')],
    farewell: template('d LOGOUT\\r\\n'),
    first: { oneOf: '*', expected: 'answers of IMAP' },
  };
}
