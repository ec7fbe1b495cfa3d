import type { MailSettings } from '../../settings/protocol-settings.ts';
import type { ProtocolKind } from '../session.ts';
import type { Script } from './compile-script.ts';
import { scriptKind } from './script-kind.ts';
import { expectLine, expectTls, means, saysWord, send, template } from './script-steps.ts';

/** SMTP without a mail: greeting, EHLO and, where asked for, STARTTLS and AUTH PLAIN (RFC 5321, 3207, 4954). */
export const smtp: ProtocolKind<'smtp'> = scriptKind('smtp', smtpScript);

/** A name that nobody has (RFC 6761): a server that checks it can see that it is none. */
const HELLO = [send('EHLO finrst.invalid\\r\\n'), expectLine('^250 ')];

/** 421 says that the server closes (RFC 5321, 4.2.2). The words are those of Postfix, Exim, Exchange and Sendmail. */
const CLOSING = [
  means('idle_limit', '^421[ -]4\\.4\\.2 '),
  means('idle_limit', saysWord('421', 'timeout|timed out|idle|inactive|inactivity')),
  means('max_age', saysWord('421', 'maximum (lifetime|session)')),
  means('too_many_connections', saysWord('421', '(too many|maximum|concurrent) .*(connections?|sessions?)')),
  means('slow_down', saysWord('421', 'rate limit')),
  means('admin_shutdown', '^421[ -]4\\.3\\.2 '),
  means('admin_shutdown', saysWord('421', 'shut|shutdown|shutting')),
  means('slow_down', '^421[ -]4\\.7\\.0 '),
  means('slow_down', saysWord('421', 'too many')),
];

const REFUSALS = [
  ...CLOSING,
  means('not_ready', '^421[ -]'),
  means('tls_mismatch', '(?i)^(538|530)[ -].*(tls|encrypt)'),
  means('auth_method', '^(530|534|538)[ -]'),
  means('auth_failed', '^535[ -]'),
  means('forbidden', '^(521|550|554)[ -]'),
  means('overloaded', '^4[0-9]{2}[ -]'),
  means('protocol_error', '^50[0-4][ -]'),
  means('other', '^5[0-9]{2}[ -]'),
];

function smtpScript({ starttls, username }: MailSettings): Script {
  const tls = [send('STARTTLS\\r\\n'), expectTls('^220 ', [means('tls_mismatch', '^(454|50[0-4])[ -]')]), ...HELLO];
  const login = [
    send('AUTH PLAIN ${base64:\\x00${username}\\x00${password}}\\r\\n'),
    // A server that asks on does not know PLAIN with the answer at once.
    expectLine('^235 ', [means('auth_method', '^(334|50[0-4])[ -]'), means('not_ready', '^454[ -]')]),
  ];
  return {
    login: [expectLine('^220 '), ...HELLO, ...(starttls ? tls : []), ...(username === null ? [] : login)],
    // A server that says no is alive.
    heartbeat: { send: template('NOOP\\r\\n'), expect: { kind: 'line', pattern: '^[245][0-9]{2} ' } },
    refusals: REFUSALS,
    goodbyes: [...CLOSING, means('going_away', '^421[ -]')],
    farewell: template('QUIT\\r\\n'),
    first: { oneOf: '245', expected: 'replies of SMTP' },
  };
}
