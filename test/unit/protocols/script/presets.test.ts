import { expect, test } from 'vitest';
import { createProtocol } from '../../../../src/protocols/registry.ts';
import type { Session, Step } from '../../../../src/protocols/session.ts';
import type { LoginProtocolName } from '../../../../src/settings/protocol-settings.ts';
import { mailSettings, NO_CREDENTIALS } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

type Preset = Extract<LoginProtocolName, 'smtp' | 'imap' | 'ftp' | 'memcached'>;

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      if (step.kind === 'send') return Buffer.from(step.bytes).toString('latin1');
      if (step.kind === 'refused' || step.kind === 'goodbye') return `${step.kind} ${step.goodbye} ${step.code ?? ''}`;
      return step.kind;
    })
    .join('|');

function protocolOf(name: Preset, options: { readonly login?: boolean; readonly starttls?: boolean } = {}) {
  const credentials = options.login === true ? { username: 'fin"rst', passwordFile: '/pw' } : NO_CREDENTIALS;
  if (name === 'smtp') return createProtocol({ name, settings: mailSettings({ ...credentials, ...options }) });
  if (name === 'imap') return createProtocol({ name, settings: mailSettings({ ...credentials, ...options }) });
  return createProtocol({ name, settings: credentials });
}

/** Plays what a server says, and gives what the session does in answer to each. */
function play(session: Session, said: readonly string[]): readonly string[] {
  return [
    session.start(),
    ...said.map((text) => (text === 'TLS' ? session.secured(null) : session.received(bytes(text)))),
  ].map(sent);
}

const PLAIN = Buffer.from('\0fin"rst\0pä\\ss', 'utf8').toString('base64');

test.each<{
  name: Preset;
  options?: Parameters<typeof protocolOf>[1];
  said: readonly string[];
  does: readonly string[];
}>([
  {
    name: 'smtp',
    said: ['220-m.example says\r\n', '220 ready\r\n', '250-m.example\r\n250-PIPELINING\r\n250 DSN\r\n'],
    does: ['', '', 'EHLO finrst.invalid\r\n', 'ready'],
  },
  {
    name: 'smtp',
    options: { starttls: true, login: true },
    said: ['220 ready\r\n', '250 STARTTLS\r\n', '220 2.0.0 Ready\r\n', 'TLS', '250 AUTH PLAIN\r\n', '235 2.7.0 ok\r\n'],
    does: [
      '',
      'EHLO finrst.invalid\r\n',
      'STARTTLS\r\n',
      'startTls',
      'EHLO finrst.invalid\r\n',
      `AUTH PLAIN ${PLAIN}\r\n`,
      'ready',
    ],
  },
  { name: 'imap', said: ['* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n'], does: ['', 'ready'] },
  { name: 'imap', said: ['* PREAUTH hello\r\n'], does: ['', 'ready'] },
  {
    name: 'imap',
    options: { starttls: true, login: true },
    said: ['* OK hi\r\n', 'a OK Begin TLS\r\n', 'TLS', '* CAPABILITY x\r\nb OK Logged in\r\n'],
    does: ['', 'a STARTTLS\r\n', 'startTls', 'b LOGIN "fin\\"rst" "p\xc3\xa4\\\\ss"\r\n', 'ready'],
  },
  {
    name: 'ftp',
    said: ['220 (vsFTPd 3.0.3)\r\n', '331 password\r\n', '230-Hello\r\n 220 not this\r\n230 in\r\n'],
    does: ['', 'USER anonymous\r\n', 'PASS finrst@\r\n', 'ready'],
  },
  {
    name: 'ftp',
    options: { login: true },
    said: ['220 hi\r\n', '230 no password needed\r\n', '503 in already\r\n'],
    does: ['', 'USER fin"rst\r\n', 'PASS p\xc3\xa4\\ss\r\n', 'ready'],
  },
  { name: 'memcached', said: ['VERSION 1.6.18\r\n'], does: ['version\r\n', 'ready'] },
])('$name, $options: the login', ({ name, options, said, does }) => {
  const open = () => protocolOf(name, options).open(sessionContext({ password: 'pä\\ss' }));
  expect(play(open(), said)).toEqual(does);
  // And a byte at a time.
  const [first, ...rest] = does;
  const session = open();
  const slow = said.map((text) =>
    text === 'TLS'
      ? sent(session.secured(null))
      : Array.from(bytes(text), (byte) => sent(session.received(Uint8Array.of(byte)))).join(''),
  );
  const other = open();
  expect(sent(other.start())).toBe(first);
  session.start();
  expect(slow.filter((each) => each !== '')).toEqual(
    rest.filter((each) => each !== '').slice(0, slow.filter((each) => each !== '').length),
  );
});

const GREETED: Readonly<Record<Preset, readonly string[]>> = {
  smtp: ['220 hi\r\n', '250 hi\r\n'],
  imap: ['* OK hi\r\n'],
  ftp: ['220 hi\r\n', '331 x\r\n', '230 x\r\n'],
  memcached: ['VERSION 1\r\n'],
};

/** What refuses at which step: behind how many words of GREETED. */
test.each<readonly [Preset, number, string, string]>([
  ['smtp', 0, '421 4.7.0 m.example Error: too many connections from 127.0.0.1', 'too_many_connections 421-4.7.0'],
  [
    'smtp',
    0,
    '421 m.example Too many concurrent SMTP connections; please try again later.',
    'too_many_connections 421',
  ],
  ['smtp', 0, '421 4.3.2 Service shutting down', 'admin_shutdown 421-4.3.2'],
  ['smtp', 0, '421 Service not available', 'not_ready 421'],
  // Servers begin with their own names, which mean nothing.
  ['smtp', 0, '421 idle.example Service not available', 'not_ready 421'],
  ['smtp', 0, '421 shut-timeout.example.net Service not available, closing transmission channel', 'not_ready 421'],
  ['smtp', 0, '421 mx.4.4.2.example Service not available', 'not_ready 421'],
  ['smtp', 0, '421 m.example: SMTP command timeout - closing connection', 'idle_limit 421'],
  ['smtp', 0, '421 m.example (shutdown)', 'admin_shutdown 421'],
  ['smtp', 0, '421 4.3.2 Connection rate limit exceeded.', 'slow_down 421-4.3.2'],
  ['smtp', 0, '554 5.7.1 no service for you', 'forbidden 554-5.7.1'],
  ['smtp', 0, '521 host does not accept mail', 'forbidden 521'],
  ['smtp', 1, '550 5.7.1 Client host blocked', 'forbidden 550-5.7.1'],
  ['smtp', 1, '450 4.7.1 try later', 'overloaded 450-4.7.1'],
  ['smtp', 1, '502 unknown command', 'protocol_error 502'],
  ['smtp', 1, '530 5.7.0 Must issue a STARTTLS command first', 'tls_mismatch 530-5.7.0'],
  ['smtp', 1, '559 what', 'other 559'],
  ['imap', 0, '* BYE Too many connections from your address', 'too_many_connections '],
  ['imap', 0, '* BYE Server shutting down.', 'admin_shutdown '],
  ['imap', 0, '* BYE no', 'not_ready '],
  ['ftp', 0, '421 There are too many connected users, please try later.', 'too_many_connections 421'],
  ['ftp', 0, '421 There are too many connections from your internet address.', 'too_many_connections 421'],
  ['ftp', 0, '421 Service not available.', 'not_ready 421'],
  ['ftp', 0, '421 unlimited-idle.example closes', 'not_ready 421'],
  ['ftp', 0, '421 10 users (the maximum) are already logged in, sorry', 'too_many_connections 421'],
  ['ftp', 0, '421 Idle timeout (600 seconds): closing control connection', 'idle_limit 421'],
  ['ftp', 0, '500 OOPS: vsftpd: cannot locate user', 'server_error 500'],
  ['ftp', 1, '530 This FTP server is anonymous only.', 'auth_failed 530'],
  ['ftp', 1, '530 Non-anonymous sessions must use encryption.', 'tls_mismatch 530'],
  ['ftp', 1, '332 account?', 'auth_method 332'],
  ['ftp', 2, '530 Login incorrect.', 'auth_failed 530'],
  ['ftp', 2, '530 Sorry, the maximum number of clients for this user', 'too_many_connections 530'],
  ['ftp', 2, '450 busy', 'overloaded 450'],
  ['memcached', 0, 'ERROR Too many open connections', 'too_many_connections '],
  ['memcached', 0, 'CLIENT_ERROR unauthenticated', 'auth_method '],
  ['memcached', 0, 'SERVER_ERROR out of memory', 'overloaded '],
  ['memcached', 0, 'SERVER_ERROR what', 'server_error '],
  ['memcached', 0, 'ERROR', 'other '],
])('%s after %d words: %s', (name, after, line, meaning) => {
  const session = protocolOf(name).open(sessionContext());
  const said = [...GREETED[name].slice(0, after), `${line}\r\n`];
  expect(play(session, said).at(-1)).toBe(`refused ${meaning}`);
});

test.each<readonly [Preset, string, string]>([
  ['smtp', '535 5.7.8 Error: authentication failed', 'auth_failed 535-5.7.8'],
  ['smtp', '454 4.7.0 Temporary authentication failure', 'not_ready 454-4.7.0'],
  ['smtp', '503 5.5.1 Error: authentication not enabled', 'auth_method 503-5.5.1'],
  ['smtp', '538 5.7.11 Encryption required', 'tls_mismatch 538-5.7.11'],
  ['smtp', '534 5.7.9 mechanism is too weak', 'auth_method 534-5.7.9'],
  ['smtp', '334 ', 'auth_method 334'],
  ['smtp', '334 VXNlcm5hbWU6', 'auth_method 334'],
  ['imap', '+ ', 'auth_method '],
  ['imap', 'b NO [AUTHENTICATIONFAILED] Authentication failed.', 'auth_failed '],
  ['imap', 'b NO [UNAVAILABLE] Temporary authentication failure.', 'not_ready '],
  ['imap', 'b NO [LIMIT] Maximum number of connections from user+IP exceeded', 'too_many_connections '],
  ['imap', 'b NO [PRIVACYREQUIRED] Plaintext authentication disallowed', 'tls_mismatch '],
  ['imap', 'b NO [CONTACTADMIN] no', 'forbidden '],
  ['imap', 'b NO [ALERT] no', 'other '],
  ['imap', 'b NO Login failed', 'auth_failed '],
  ['imap', 'b BAD what', 'auth_method '],
])('%s refuses a login: %s', (name, line, meaning) => {
  const session = protocolOf(name, { login: true }).open(sessionContext({ password: 'x' }));
  expect(play(session, [...GREETED[name], `${line}\r\n`]).at(-1)).toBe(`refused ${meaning}`);
});

test.each<readonly [Preset, string, string]>([
  ['smtp', '454 4.7.0 TLS not available', 'tls_mismatch 454-4.7.0'],
  ['smtp', '502 5.5.1 Error: command not implemented', 'tls_mismatch 502-5.5.1'],
  ['imap', 'a BAD TLS support is not enabled', 'tls_mismatch '],
])('%s has no TLS to give: %s', (name, line, meaning) => {
  const session = protocolOf(name, { starttls: true }).open(sessionContext({ tls: true }));
  expect(play(session, [...GREETED[name], `${line}\r\n`]).at(-1)).toBe(`refused ${meaning}`);
});

test.each<readonly [Preset, string, string]>([
  ['smtp', '421 4.4.2 m.example Error: timeout exceeded', 'idle_limit 421-4.4.2'],
  ['smtp', '421 4.7.0 m.example Error: too many errors', 'slow_down 421-4.7.0'],
  ['smtp', '421 4.3.2 System not accepting network messages', 'admin_shutdown 421-4.3.2'],
  ['smtp', '421 maximum lifetime of a connection', 'max_age 421'],
  ['smtp', '421 bye', 'going_away 421'],
  ['imap', '* BYE Disconnected for inactivity.', 'idle_limit '],
  ['imap', '* BYE Server shutting down.', 'admin_shutdown '],
  ['imap', '* BYE [UNAVAILABLE] Internal error', 'not_ready '],
  ['imap', '* BYE whatever', 'going_away '],
  ['ftp', '421 Timeout.', 'idle_limit 421'],
  ['ftp', '421 Server is shutting down', 'admin_shutdown 421'],
  ['ftp', '421 bye', 'going_away 421'],
  ['ftp', '500 OOPS: child died', 'server_error 500'],
])('%s, held: %s', (name, line, meaning) => {
  const session = protocolOf(name).open(sessionContext());
  play(session, GREETED[name]);
  expect(sent(session.received(bytes(`${line}\r\n421 again\r\n* BYE again\r\n`)))).toBe(`goodbye ${meaning}`);
  expect(session.received(bytes('421 again\r\n'))).toEqual([]);
  expect(session.farewell()).toBeNull();
});

test.each<readonly [Preset, string, string, readonly string[], string]>([
  ['smtp', 'NOOP\r\n', 'QUIT\r\n', ['250 2.0.0 Ok\r\n', '502 no\r\n'], '250-more\r\n'],
  ['imap', 'c NOOP\r\n', 'd LOGOUT\r\n', ['c OK done\r\n', 'c BAD what\r\n'], '* 3 EXISTS\r\n'],
  ['ftp', 'NOOP\r\n', 'QUIT\r\n', ['200 ok.\r\n', '530 log in\r\n'], '200-more\r\n'],
  ['memcached', 'version\r\n', 'quit\r\n', ['VERSION 1.6\r\n', 'SERVER_ERROR busy\r\n'], 'STAT x\r\n'],
])('%s beats with %j and leaves with %j', (name, beat, farewell, answers, noAnswer) => {
  const session = protocolOf(name).open(sessionContext());
  play(session, GREETED[name]);
  for (const answer of answers) {
    expect(session.received(bytes(answer)), 'unasked').toEqual([]);
    expect(sent(session.beat())).toBe(beat);
    expect(session.received(bytes(noAnswer))).toEqual([]);
    expect(sent(session.received(bytes(answer)))).toBe('answered');
  }
  expect(session.farewell()).toEqual({ bytes: bytes(farewell), awaited: false });
});

test.each<readonly [Preset, string, string]>([
  ['smtp', 'HTTP/1.1 400 Bad', 'expected replies of SMTP; the peer speaks HTTP'],
  ['imap', '\x15\x03\x01\0\x02', 'expected answers of IMAP; the peer answered with a TLS alert: the port wants TLS'],
  ['ftp', 'SSH-2.0-OpenSSH\r\n', 'expected replies of FTP; the peer speaks SSH'],
  ['memcached', '-ERR what\r\n', 'expected answers of memcached; the peer speaks the protocol of Redis'],
])('%s: other protocols are recognized, %j', (name, said, expected) => {
  const session = protocolOf(name).open(sessionContext());
  session.start();
  expect(session.received(bytes(said))).toEqual([{ kind: 'broken', expected }]);
});

test.each<readonly [Preset, 'atOnce' | 'inBand', boolean]>([
  ['smtp', 'atOnce', false],
  ['smtp', 'inBand', true],
  ['imap', 'atOnce', false],
  ['imap', 'inBand', true],
  ['ftp', 'atOnce', false],
])('%s begins TLS %s where starttls is %s', (name, tls, starttls) => {
  expect(protocolOf(name, { starttls })).toMatchObject({ tls, expectsAnswer: true, alpn: [] });
});

/** Every word that a protocol says it can say is reachable above; a word too many would be a series for ever at 0. */
test.each<readonly [Preset, readonly string[]]>([
  ['memcached', []],
  ['ftp', ['admin_shutdown', 'going_away', 'idle_limit', 'server_error', 'too_many_connections']],
  ['imap', ['admin_shutdown', 'going_away', 'idle_limit', 'not_ready', 'too_many_connections']],
  ['smtp', ['admin_shutdown', 'going_away', 'idle_limit', 'max_age', 'slow_down', 'too_many_connections']],
])('%s ends held connections with these words alone', (name, words) => {
  expect(protocolOf(name).goodbyes.held.toSorted()).toEqual(words);
});
