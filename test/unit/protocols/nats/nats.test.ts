import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { nats } from '../../../../src/protocols/nats/nats.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { NatsSettings } from '../../../../src/settings/protocol-settings.ts';
import { natsInfo, natsSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<NatsSettings> = {}, context: Partial<SessionContext> = {}): Session =>
  nats.create(natsSettings(settings)).open(sessionContext(context));

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('utf8') : step.kind)).join('|');

const connect = (more: object, tls = false): string => {
  const fixed = { verbose: false, pedantic: false, tls_required: tls, name: 'finrst', lang: 'finrst' };
  return `CONNECT ${JSON.stringify({ ...fixed, version: '1.2.3', protocol: 1, echo: false, ...more })}\r\nPING\r\n`;
};

/** A session that said CONNECT. */
function opening(): Session {
  const session = open();
  session.start();
  session.received(bytes(natsInfo()));
  return session;
}

/** A session that is logged in. */
function held(): Session {
  const session = opening();
  session.received(bytes('PONG\r\n'));
  return session;
}

describe('the login', () => {
  test('waits for INFO, says CONNECT and PING in one write, and is done with PONG', () => {
    const session = open();
    expect(session.start()).toEqual([]);
    expect(sent(session.received(bytes(natsInfo())))).toBe(connect({}));
    // The server measures its own way to us.
    expect(sent(session.received(bytes('PING\r\nPING\r\n')))).toBe('PONG\r\nPONG\r\n');
    expect(session.received(bytes('+OK\r\nPONG\r\n'))).toEqual([{ kind: 'ready' }]);
  });

  test('is said before a ping is answered, since a server takes nothing else first', () => {
    expect(sent(open().received(bytes(`PING\r\n${natsInfo()}`)))).toBe(`${connect({})}|PONG\r\n`);
  });

  test('with user and password, in UTF-8', () => {
    const session = open({ username: 'ü"' }, { password: 'pä' });
    expect(sent(session.received(bytes(natsInfo())))).toBe(connect({ user: 'ü"', pass: 'pä' }));
  });

  test('a password without a user is a token', () => {
    expect(sent(open({}, { password: 'tok' }).received(bytes(natsInfo())))).toBe(connect({ auth_token: 'tok' }));
  });

  test('is said once, whatever is informed of later', () => {
    const session = opening();
    expect(session.received(bytes(natsInfo({ ldm: true })))).toEqual([]);
    expect(session.received(bytes('PONG\r\n'))).toEqual([{ kind: 'ready' }]);
  });
});

describe('TLS', () => {
  test.each([{ tls_required: true }, { tls_available: true }])('is begun behind an INFO of %o', (info) => {
    const session = open({}, { tls: true });
    expect(session.received(bytes(natsInfo(info)))).toEqual([{ kind: 'startTls' }]);
    expect(sent(session.secured(null))).toBe(connect({}, true));
    expect(session.secured(null)).toEqual([]);
    // Nothing is sent into the handshake.
    expect(open({}, { tls: true }).received(bytes(`PING\r\n${natsInfo(info)}`))).toEqual([{ kind: 'startTls' }]);
  });

  test('bytes behind that INFO are refused, and so are bytes in the middle of the handshake', () => {
    const refused = [{ kind: 'refused', goodbye: 'protocol_error' }];
    const early = open({}, { tls: true });
    expect(early.received(bytes(`${natsInfo({ tls_required: true })}PING\r\n`))).toEqual(refused);
    expect(early.secured(null)).toEqual([]);
    const late = open({}, { tls: true });
    late.received(bytes(natsInfo({ tls_required: true })));
    expect(late.received(bytes('P'))).toEqual(refused);
  });

  test('what one side wants and the other has not is a mismatch', () => {
    const refused = [{ kind: 'refused', goodbye: 'tls_mismatch' }];
    expect(open({}, { tls: true }).received(bytes(natsInfo()))).toEqual(refused);
    expect(open({}, { tls: true }).received(bytes(natsInfo({ tls_required: 'true' })))).toEqual(refused);
    expect(open().received(bytes(natsInfo({ tls_required: true })))).toEqual(refused);
    expect(sent(open().received(bytes(natsInfo({ tls_available: true }))))).toBe(connect({}));
  });

  test('comes first where the server wants that', () => {
    expect(nats.create(natsSettings({ tlsFirst: true })).tls).toBe('atOnce');
    expect(nats.create(natsSettings()).tls).toBe('inBand');
    const session = open({ tlsFirst: true }, { tls: true });
    expect(sent(session.received(bytes(natsInfo({ tls_required: true }))))).toBe(connect({}, true));
  });
});

const ERRORS: readonly (readonly [string, Goodbye])[] = [
  ['Stale Connection', 'idle_limit'],
  ['Authentication Timeout', 'idle_limit'],
  ['Authorization Violation', 'auth_failed'],
  ['User Authentication Expired', 'auth_failed'],
  ['User Authentication Revoked', 'auth_failed'],
  ['Account Authentication Expired', 'auth_failed'],
  ['maximum connections exceeded', 'too_many_connections'],
  ['maximum account active connections exceeded', 'too_many_connections'],
  ['Server Shutdown', 'admin_shutdown'],
  ['Kicked', 'admin_shutdown'],
  ['Slow Consumer', 'overloaded'],
  ['Connection throttling is active', 'overloaded'],
  ['Secure Connection - TLS Required', 'tls_mismatch'],
  ['Duplicate Client ID', 'replaced'],
  ['Parser Error', 'protocol_error'],
  ['Unknown Protocol Operation', 'protocol_error'],
  ['Invalid Protocol', 'protocol_error'],
  ['Maximum Control Line Exceeded', 'protocol_error'],
  ['Maximum Payload Violation', 'protocol_error'],
  ['Something new', 'other'],
];

test.each(ERRORS)("-ERR '%s' means %s, of a login and of an end", (words, goodbye) => {
  const line = bytes(`-ERR '${words}'\r\n`);
  expect(opening().received(line)).toEqual([{ kind: 'refused', goodbye }]);
  expect(held().received(line)).toEqual([{ kind: 'goodbye', goodbye, then: 'peerCloses' }]);
});

test('a server that refuses at once says so before its INFO', () => {
  const session = open();
  session.start();
  const refused = [{ kind: 'refused', goodbye: 'too_many_connections' }];
  expect(session.received(bytes("-ERR 'maximum connections exceeded'\r\n"))).toEqual(refused);
});

test.each(['Permissions Violation for Publish to "a"', 'Invalid Subject', 'invalid publish subject'])(
  "-ERR '%s' ends nothing",
  (words) => {
    const session = opening();
    expect(session.received(bytes(`-ERR '${words}'\r\n`))).toEqual([]);
    expect(session.received(bytes('PONG\r\n'))).toEqual([{ kind: 'ready' }]);
    expect(session.received(bytes(`-ERR '${words}'\r\n`))).toEqual([]);
  },
);

describe('held', () => {
  test('PONG answers a heartbeat, once; pings of the server are answered', () => {
    const session = held();
    expect(sent(session.beat())).toBe('PING\r\n');
    expect(sent(session.received(bytes('PING\r\nPONG\r\nPONG\r\n')))).toBe('answered|PONG\r\n');
  });

  test('lame duck mode is said, and the connection goes on', () => {
    const session = held();
    const said = { kind: 'goodbye', goodbye: 'lame_duck', then: 'goesOn' };
    expect(session.received(bytes(natsInfo({ ldm: true })))).toEqual([said]);
    expect(session.received(bytes(`${natsInfo({ ldm: true })}-ERR 'Stale Connection'\r\n`))).toEqual([]); // the first one counts
    expect(held().received(bytes(natsInfo({ ldm: 1 })))).toEqual([]);
    session.beat();
    expect(session.received(bytes('PONG\r\n'))).toEqual([{ kind: 'answered' }]);
  });
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'expected lines of NATS; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2', 'expected lines of NATS; the peer speaks SSH'],
  ['+PONG\r\n', 'expected lines of NATS; the peer speaks the protocol of Redis'],
  ['MSG a 1 5\r\nhello\r\n', 'expected lines of NATS, and other bytes came'],
  ['\r\n', 'expected lines of NATS, and other bytes came'],
  ['INFO {"a":\r\n', 'expected lines of NATS, and an INFO came that is no JSON'],
  ['INFO 1\r\n', 'expected lines of NATS, and an INFO came that is no JSON'],
  ['INFO null\r\n', 'expected lines of NATS, and an INFO came that is no JSON'],
  [`INFO ${'['.repeat(8000)}\r\n`, 'expected lines of NATS, and an INFO came that is no JSON'],
  [`INFO ${'x'.repeat(9000)}`, 'a line of NATS was longer than 8 KiB'],
])('what is not NATS is called by its name: %#', (text, expected) => {
  const session = open();
  session.start();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes(natsInfo()))).toEqual([]);
});

test('words count in any case, and a line that is not whole is waited for', () => {
  const session = open();
  const info = natsInfo();
  expect(Array.from(`info${info.slice(4)}`, bytes).flatMap((byte) => session.received(byte))).toHaveLength(1);
});

test('every goodbye that is announced can be said, and no other', () => {
  const { connect: ofLogins, held: ofEnds } = nats.create(natsSettings()).goodbyes;
  const meanings = new Set(ERRORS.map(([, goodbye]) => goodbye));
  expect(new Set(ofLogins)).toEqual(meanings);
  expect(new Set(ofEnds)).toEqual(new Set([...meanings, 'lame_duck']));
});

test('it needs no farewell and asks for no hash', () => {
  expect(held().farewell()).toBeNull();
  expect(held().derived(new Uint8Array(32))).toEqual([]);
});
