import { createHash, createHmac, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { postgres } from '../../../../src/protocols/postgres/postgres.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { PostgresSettings } from '../../../../src/settings/protocol-settings.ts';
import { errorMessage, postgresMessage, postgresSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const request = (code: number, rest = ''): Uint8Array =>
  bytes(postgresMessage('R', `\0\0\0${String.fromCharCode(code)}${rest}`));
const OK = request(0);
const READY = hex('5a0000000549');

function open(context: Partial<SessionContext> = {}, settings: Partial<PostgresSettings> = {}): Session {
  const session = postgres.create(postgresSettings(settings)).open(sessionContext(context));
  return session;
}

/** A session that has sent its StartupMessage. */
function opening(context: Partial<SessionContext> = {}): Session {
  const session = open(context);
  session.start();
  return session;
}

function held(): Session {
  const session = opening();
  session.received(OK);
  session.received(READY);
  return session;
}

const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));

test('trust: it names user, database and program, skips what it need not know, and is ready with ReadyForQuery', () => {
  const session = open({}, { database: 'orders' });
  expect(sent(session.start())).toEqual([
    '\0\0\0\x3d\0\x03\0\0user\0finrst\0database\0orders\0application_name\0finrst\0\0',
  ]);
  const parameter = bytes(postgresMessage('S', 'TimeZone\0UTC\0'));
  const key = hex('4b0000000c0000303912345678');
  expect([OK, parameter, key].flatMap((one) => session.received(one))).toEqual([]);
  expect(session.received(READY)).toEqual([{ kind: 'ready' }]);
});

test('a heartbeat is Sync, and ReadyForQuery its answer', () => {
  const session = held();
  expect(session.received(READY)).toEqual([]); // of nothing
  expect(session.beat()).toEqual([{ kind: 'send', bytes: hex('5300000004') }]);
  expect(session.received(READY)).toEqual([{ kind: 'answered' }]);
});

test('once held, messages of every type are skipped', () => {
  const session = held();
  expect(session.received(bytes(postgresMessage('T', 'the columns of a row')))).toEqual([]);
  session.beat();
  expect(session.received(bytes(postgresMessage('Z', 'I')))).toEqual([{ kind: 'answered' }]);
});

test('its farewell is Terminate, which nobody answers; before the login there is none', () => {
  expect(held().farewell()).toEqual({ bytes: hex('5800000004'), awaited: false });
  expect(opening().farewell()).toBeNull();
});

test('md5: the digest of the digest and the salt', () => {
  // md5(md5('secret' + 'finrst') + 'abcd')
  const inner = createHash('md5').update('secretfinrst').digest('hex');
  const outer = createHash('md5').update(`${inner}abcd`).digest('hex');
  expect(sent(opening({ password: 'secret' }).received(request(5, 'abcd')))).toEqual([
    postgresMessage('p', `md5${outer}\0`),
  ]);
});

test.each([
  ['md5', request(5, 'abcd'), false],
  ['cleartext', request(3), true],
])('a server that asks for %s again is refused: it does not decide how much we write', (_, message, tls) => {
  const session = opening({ password: 'secret', tls });
  if (tls) {
    session.received(bytes('S'));
    session.secured(null);
  }
  expect(session.received(message)).toHaveLength(1);
  expect(session.received(message)).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('SCRAM takes a salt of 384 bytes', () => {
  const challenge = `r=AQIDBAUGBwgJCgsMDQ4PEBESs,s=${Buffer.alloc(384).toString('base64')},i=4096`;
  expect(scramBegun({}).session.received(request(11, challenge))).toMatchObject([{ kind: 'derive' }]);
});

test('a password in clear goes over TLS alone', () => {
  const refused = [{ kind: 'refused', goodbye: 'auth_method' }];
  expect(opening({ password: 'secret' }).received(request(3))).toEqual(refused);
  const session = opening({ password: 'secret', tls: true });
  session.received(bytes('S'));
  session.secured(null);
  expect(sent(session.received(request(3)))).toEqual([postgresMessage('p', 'secret\0')]);
});

test.each([
  ['cleartext', request(3)],
  ['md5', request(5, 'abcd')],
  ['SCRAM', request(10, 'SCRAM-SHA-256\0\0')],
  ['GSSAPI', request(7)],
])('without a password %s is refused', (_, message) => {
  expect(opening({ tls: false }).received(message)).toEqual([{ kind: 'refused', goodbye: 'auth_method' }]);
});

/** The server's side of SCRAM-SHA-256, by RFC 5802 and the runtime's hashes alone. */
function scramServer(password: string, iterations = 4096) {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  let both = '';
  let first = '';
  return {
    salted,
    challenge(clientFirst: string): string {
      const bare = clientFirst.replace(/^(?:n|p=[^,]*),,/, '');
      first = `r=${/r=(.*)$/.exec(bare)?.[1]}server,s=${salt.toString('base64')},i=${iterations}`;
      both = `${bare},${first}`;
      return first;
    },
    verify(clientFinal: string): { readonly isRight: boolean; readonly final: string } {
      const [, without = '', proof = ''] = /^(.*),p=(.*)$/.exec(clientFinal) ?? [];
      const signed = `${both},${without}`;
      const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
      const signature = hmac(stored, signed);
      const key = Buffer.from(proof, 'base64').map((byte, i) => byte ^ (signature[i] ?? 0));
      const isRight = createHash('sha256').update(key).digest().equals(stored);
      return { isRight, final: `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}` };
    },
  };
}

const CERTIFICATE = new X509Certificate(readFileSync(new URL('../../../support/tls/server.pem', import.meta.url))).raw;

/** A session that was asked for SCRAM, and what it said first. */
function scramBegun(context: Partial<SessionContext>, mechanisms = 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0') {
  const session = opening({ password: 'secret', ...context });
  if (context.tls === true) {
    session.received(bytes('S'));
    session.secured(context.certificate ?? null);
  }
  const [message = ''] = sent(session.received(request(10, mechanisms)));
  const [, mechanism = '', clientFirst = ''] = /^p....(SCRAM-SHA-256(?:-PLUS)?)\0....(.*)$/s.exec(message) ?? [];
  return { session, mechanism, clientFirst };
}

function finish(session: Session, clientFirst: string, server = scramServer('secret')) {
  const [derive] = session.received(request(11, server.challenge(clientFirst)));
  const [message = ''] = sent(session.derived(server.salted));
  return { derive, clientFinal: message.slice(5), ...server.verify(message.slice(5)) };
}

test('SCRAM: it proves that it knows the password, and asks for the slow hash', () => {
  const { session, mechanism, clientFirst } = scramBegun({});
  expect([mechanism, clientFirst]).toEqual(['SCRAM-SHA-256', 'n,,n=,r=AQIDBAUGBwgJCgsMDQ4PEBES']);
  const { derive, isRight, final } = finish(session, clientFirst);
  expect(derive).toEqual({
    kind: 'derive',
    derivation: {
      password: 'secret',
      salt: Uint8Array.from(Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')),
      iterations: 4096,
      keyBytes: 32,
      digest: 'sha256',
    },
  });
  expect(isRight).toBe(true);
  expect([request(12, final), OK, READY].flatMap((one) => session.received(one))).toEqual([{ kind: 'ready' }]);
});

test('SCRAM over TLS binds to the certificate of the server', () => {
  const { session, mechanism, clientFirst } = scramBegun({ tls: true, certificate: CERTIFICATE });
  expect(mechanism).toBe('SCRAM-SHA-256-PLUS');
  const { clientFinal, isRight } = finish(session, clientFirst);
  const binding = Buffer.concat([
    Buffer.from('p=tls-server-end-point,,'),
    createHash('sha256').update(CERTIFICATE).digest(),
  ]);
  expect(clientFinal).toContain(`c=${binding.toString('base64')},`);
  expect(isRight).toBe(true);
});

test('where the server offers no binding SCRAM goes without', () => {
  const { mechanism } = scramBegun({ tls: true, certificate: CERTIFICATE }, 'SCRAM-SHA-256\0\0');
  expect(mechanism).toBe('SCRAM-SHA-256');
});

test('a server that does not know the password is refused, whether it proves wrongly or not at all', () => {
  const refused = [{ kind: 'refused', goodbye: 'auth_failed' }];
  const wrong = scramBegun({});
  finish(wrong.session, wrong.clientFirst);
  expect(wrong.session.received(request(12, `v=${Buffer.alloc(32).toString('base64')}`))).toEqual(refused);
  const none = scramBegun({});
  finish(none.session, none.clientFirst);
  expect(none.session.received(OK)).toEqual(refused);
});

test.each([
  ['a nonce that is not ours', (nonce: string) => `r=x${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
  ['no nonce of its own', (nonce: string) => `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
  ['no salt', (nonce: string) => `r=${nonce}s,s=,i=4096`],
  ['a salt of 385 bytes', (nonce: string) => `r=${nonce}s,s=${Buffer.alloc(385).toString('base64')},i=4096`],
  ['more than a million iterations', (nonce: string) => `r=${nonce}s,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001`],
  ['no iterations', (nonce: string) => `r=${nonce}s,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0`],
  ['iterations that are no number', (nonce: string) => `r=${nonce}s,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1e9`],
])('SCRAM with %s is refused', (_, challenge) => {
  const { session } = scramBegun({});
  expect(session.received(request(11, challenge('AQIDBAUGBwgJCgsMDQ4PEBES')))).toEqual([
    { kind: 'refused', goodbye: 'protocol_error' },
  ]);
});

test('a server cannot ask for one slow hash after the other', () => {
  const { session, clientFirst } = scramBegun({});
  const server = scramServer('secret');
  const challenge = request(11, server.challenge(clientFirst));
  expect(session.received(challenge).map(({ kind }) => kind)).toEqual(['derive']);
  expect(session.received(challenge)).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('TLS is asked for, and begins with the consent', () => {
  const session = open({ tls: true });
  expect(session.start()).toEqual([{ kind: 'send', bytes: hex('0000000804d2162f') }]);
  expect(session.received(bytes('S'))).toEqual([{ kind: 'startTls' }]);
  expect(sent(session.secured(null))[0]).toContain('user\0finrst');
});

test.each<[string, Goodbye]>([
  ['N', 'tls_mismatch'],
  ['SR', 'protocol_error'], // bytes that somebody put in before TLS
  ['E\0\0\0\x10SFATAL\0', 'protocol_error'],
  ['HTTP/1.1', 'protocol_error'],
])('%j in answer to the request for TLS is refused as %s', (answer, goodbye) => {
  const session = open({ tls: true });
  session.start();
  expect(session.received(bytes(answer))).toEqual([{ kind: 'refused', goodbye }]);
});

test('with direct TLS the login comes at once, over TLS that offers its name', () => {
  const protocol = postgres.create(postgresSettings({ directTls: true }));
  expect([protocol.tls, protocol.alpn]).toEqual(['atOnce', ['postgresql']]);
  const session = protocol.open(sessionContext({ tls: true, password: 'secret', certificate: CERTIFICATE }));
  expect(sent(session.start())[0]).toContain('user\0finrst');
  expect(sent(session.received(request(10, 'SCRAM-SHA-256-PLUS\0\0')))[0]).toContain('SCRAM-SHA-256-PLUS');
});

const SQLSTATES: readonly (readonly [string, Goodbye])[] = [
  ['57P01', 'admin_shutdown'],
  ['57P02', 'server_error'],
  ['57P03', 'not_ready'],
  ['57P04', 'not_found'],
  ['57P05', 'idle_limit'],
  ['25P03', 'idle_limit'],
  ['25P04', 'idle_limit'],
  ['53300', 'too_many_connections'],
  ['53200', 'overloaded'],
  ['53100', 'overloaded'],
  ['28P01', 'auth_failed'],
  ['28000', 'forbidden'],
  ['3D000', 'not_found'],
  ['42501', 'forbidden'],
  ['08P01', 'protocol_error'],
  ['0A000', 'protocol_error'],
  ['XX000', 'other'],
];

test.each(SQLSTATES)('%s refuses a login as %s, and held it is a goodbye', (code, goodbye) => {
  const message = bytes(errorMessage('E', { S: 'FATAL', V: 'FATAL', C: code, M: 'secret words' }));
  expect(opening().received(message)).toEqual([{ kind: 'refused', goodbye, code }]);
  expect(held().received(message)).toEqual([{ kind: 'goodbye', goodbye, code, then: 'peerCloses' }]);
});

test.each<[string, Goodbye]>([
  ['client_idle_timeout', 'idle_limit'],
  ['client_login_timeout (server down)', 'idle_limit'],
  ['no more connections allowed (max_client_conn)', 'too_many_connections'],
  ['database removed', 'not_found'],
  ['no such database: orders', 'not_found'],
  ['no such user: finrst', 'not_found'],
  ['server shutting down', 'admin_shutdown'],
  ['query_wait_timeout', 'overloaded'],
  ['pgbouncer cannot connect to server', 'not_ready'],
  ['password authentication failed', 'auth_failed'],
  ['SASL authentication failed', 'auth_failed'],
  ['something else', 'protocol_error'],
])('pgbouncer has one code, so its text decides: %s is %s', (text, goodbye) => {
  const message = bytes(errorMessage('E', { S: 'FATAL', C: '08P01', M: text }));
  expect(held().received(message)).toEqual([{ kind: 'goodbye', goodbye, code: '08P01', then: 'peerCloses' }]);
});

test('an error that does not end the connection is no goodbye', () => {
  const session = held();
  expect(session.received(bytes(errorMessage('E', { S: 'FEHLER', V: 'ERROR', C: '42501', M: 'x' })))).toEqual([]);
});

test.each([
  ['57P01', [{ kind: 'goodbye', goodbye: 'admin_shutdown', code: '57P01', then: 'peerCloses' }]],
  ['57P02', [{ kind: 'goodbye', goodbye: 'server_error', code: '57P02', then: 'peerCloses' }]],
  ['01000', []],
])('a notice with %s: an immediate stop says it so', (code, steps) => {
  const notice = bytes(errorMessage('N', { S: 'WARNING', V: 'WARNING', C: code, M: 'x' }));
  expect(held().received(notice)).toEqual(steps);
  expect(opening().received(notice)).toEqual([]);
});

test('a notice of a megabyte is read to its end and not kept, and what follows it counts', () => {
  const session = held();
  session.beat();
  const notice = postgresMessage('N', `SNOTICE\0C01000\0M${'x'.repeat(1_000_000)}\0\0`);
  expect(session.received(bytes(notice))).toEqual([]);
  expect(session.received(READY)).toEqual([{ kind: 'answered' }]);
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'expected messages of PostgreSQL; the peer speaks HTTP'],
  [
    '\x15\x03\x03\x00\x02\x02\x16',
    'expected messages of PostgreSQL; the peer answered with a TLS alert: the port wants TLS',
  ],
  ['-ERR unknown command\r\n', 'expected messages of PostgreSQL; the peer speaks the protocol of Redis'],
  ['R\0\0\0\x03', 'expected messages of PostgreSQL; the peer speaks the protocol of PostgreSQL'],
  ['R\xff\xff\xff\xff', 'expected messages of PostgreSQL, and other bytes came'],
  ['Z\0\0\0\x05I', 'expected messages of PostgreSQL; the peer speaks the protocol of PostgreSQL'],
])('what is not PostgreSQL, or comes too early, is broken: %#', (text, expected) => {
  const session = opening();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(OK)).toEqual([]);
});

test('byte by byte the same steps come', () => {
  const session = opening();
  const all = [...OK, ...READY].map((byte) => session.received(Uint8Array.of(byte)));
  expect(all.flat()).toEqual([{ kind: 'ready' }]);
});
