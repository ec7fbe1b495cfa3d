import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { cassandra } from '../../../../src/protocols/cassandra/cassandra.ts';
import type { Session, Step } from '../../../../src/protocols/session.ts';
import {
  CQL_AUTH_SUCCESS,
  CQL_AUTHENTICATE,
  CQL_SUPPORTED,
  cqlError,
  cqlFrame,
  NO_CREDENTIALS,
  uint32Text,
} from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));

const OPTIONS = '\x04\0\0\x01\x05\0\0\0\0';
const STARTUP_BODY = '\0\x02\0\x0bCQL_VERSION\0\x053.0.0\0\x0bDRIVER_NAME\0\x06finrst';
const STARTUP = `\x04\0\0\x01\x01${uint32Text(STARTUP_BODY.length)}${STARTUP_BODY}`;
const EVENT = cqlFrame(0x0c, 'TOPOLOGY_CHANGE', { stream: 0xffff });

/** A session that has sent its first request. */
function asking(username: string | null = null, password = 'secret'): Session {
  const session = cassandra
    .create(username === null ? NO_CREDENTIALS : { username, passwordFile: '/run/pw' })
    .open(sessionContext({ password: username === null ? null : password }));
  session.start();
  return session;
}

function held(): Session {
  const session = asking();
  session.received(bytes(CQL_SUPPORTED));
  return session;
}

test('without a login OPTIONS are all, which a node answers to anybody', () => {
  const session = cassandra.create(NO_CREDENTIALS).open(sessionContext());
  expect(sent(session.start())).toEqual([OPTIONS]);
  expect(session.received(bytes(CQL_SUPPORTED))).toEqual([{ kind: 'ready' }]);
});

test('a login is STARTUP, then name and password', () => {
  const protocol = cassandra.create({ username: 'ü', passwordFile: '/run/pw' });
  const session = protocol.open(sessionContext({ password: 'pä' }));
  expect(sent(session.start())).toEqual([STARTUP]);
  expect(sent(session.received(bytes(CQL_AUTHENTICATE)))).toEqual([
    '\x04\0\0\x01\x0f\0\0\0\x0b\0\0\0\x07\0\xc3\xbc\0p\xc3\xa4',
  ]);
  expect(session.received(bytes(CQL_AUTH_SUCCESS))).toEqual([{ kind: 'ready' }]);
});

test('a node without logins takes everybody', () => {
  expect(asking('u').received(bytes(cqlFrame(0x02)))).toEqual([{ kind: 'ready' }]);
});

test('a heartbeat is OPTIONS, and any answer is life', () => {
  const session = held();
  for (const answer of [CQL_SUPPORTED, cqlError(0x1001), cqlFrame(0x08)]) {
    expect(sent(session.beat())).toEqual([OPTIONS]);
    expect(session.received(bytes(EVENT + answer))).toEqual([{ kind: 'answered' }]);
    expect(session.received(bytes(CQL_SUPPORTED))).toEqual([]); // nothing was asked
  }
});

const MEANINGS: readonly (readonly [number, string, Goodbye])[] = [
  [0x0000, '0x0000', 'server_error'],
  [0x000a, '0x000a', 'protocol_error'],
  [0x0100, '0x0100', 'auth_failed'],
  [0x1000, '0x1000', 'not_ready'],
  [0x1001, '0x1001', 'overloaded'],
  [0x1002, '0x1002', 'not_ready'],
  [0x2100, '0x2100', 'forbidden'],
  [0x2200, '0x2200', 'other'],
];

test.each(MEANINGS)('error %i refuses a login, whatever it answers', (error, code, goodbye) => {
  const refused = [{ kind: 'refused', goodbye, code }];
  expect(asking().received(bytes(cqlError(error)))).toEqual(refused);
  expect(asking('u').received(bytes(cqlError(error)))).toEqual(refused);
  expect(asking('u').received(bytes(cqlError(error, 'of another version', { stream: 0 })))).toEqual(refused);
  const session = asking('u');
  session.received(bytes(CQL_AUTHENTICATE));
  expect(session.received(bytes(cqlError(error)))).toEqual(refused);
  expect(session.received(bytes(CQL_AUTH_SUCCESS))).toEqual([]); // it is over
});

test.each(MEANINGS)('error %i that answers nothing is a goodbye', (error, code, goodbye) => {
  const said = [{ kind: 'goodbye', goodbye, code, then: 'peerCloses' }];
  expect(held().received(bytes(cqlError(error)))).toEqual(said);
  const session = held();
  session.beat();
  expect(session.received(bytes(cqlError(error, 'of the connection', { stream: 0 })))).toEqual(said);
  expect(session.received(bytes(CQL_SUPPORTED))).toEqual([{ kind: 'answered' }]);
});

test('the code of an error is not read where it does not stand in front', () => {
  const other = [{ kind: 'refused', goodbye: 'other' }];
  expect(asking().received(bytes(cqlError(0x0100, 'behind a warning', { flags: 8 })))).toEqual(other);
  expect(asking().received(bytes(cqlFrame(0, '\0\0\x01')))).toEqual(other);
});

test('a node that wants more than name and password is refused', () => {
  const session = asking('u');
  session.received(bytes(CQL_AUTHENTICATE));
  expect(session.received(bytes(cqlFrame(0x0e, '\0\0\0\0')))).toEqual([{ kind: 'refused', goodbye: 'auth_method' }]);
});

test.each([
  ['SUPPORTED to STARTUP', ['u', CQL_SUPPORTED]],
  ['AUTH_SUCCESS to STARTUP', ['u', CQL_AUTH_SUCCESS]],
  ['READY to OPTIONS', [null, cqlFrame(0x02)]],
  ['AUTHENTICATE to OPTIONS', [null, CQL_AUTHENTICATE]],
  ['AUTHENTICATE twice', ['u', CQL_AUTHENTICATE, CQL_AUTHENTICATE]],
  ['READY to a password', ['u', CQL_AUTHENTICATE, cqlFrame(0x02)]],
  ['SUPPORTED to a password', ['u', CQL_AUTHENTICATE, CQL_SUPPORTED]],
  ['a RESULT', [null, cqlFrame(0x08)]],
] as const)('an answer that is none ends the login: %s', (_, [username, ...words]) => {
  const session = asking(username);
  const steps = words.flatMap((word) => session.received(bytes(word)));
  expect(steps.at(-1)).toEqual({ kind: 'refused', goodbye: 'protocol_error' });
});

test.each([
  ['\x15\x03\x03\0\x02\x02\x50', 'expected frames of CQL; the peer answered with a TLS alert: the port wants TLS'],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected frames of CQL; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected frames of CQL; the peer speaks SSH'],
  ['\x04\0\0\x01\x05\0\0\0\0', 'expected frames of CQL, and other bytes came'], // our own request
  [`\x84\0\0\x01\x06${uint32Text(65_528)}`, 'expected frames of CQL, and other bytes came'], // too long
])('what is no CQL is called by its name: %#', (text, expected) => {
  const session = asking();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes(CQL_SUPPORTED))).toEqual([]);
});

test('frames of up to 64 KiB are read, in any version of the server', () => {
  const longest = `\x85\0\0\x01\x06${uint32Text(65_527)}${'x'.repeat(65_527)}`;
  expect(asking().received(bytes(longest))).toEqual([{ kind: 'ready' }]);
});

test('it has no farewell, and asks for no TLS and no hash', () => {
  expect([held().farewell(), held().secured(null), held().derived(new Uint8Array(32))]).toEqual([null, [], []]);
});

test('byte by byte it is the same', () => {
  const session = asking('u');
  const words = bytes(CQL_AUTHENTICATE + CQL_AUTH_SUCCESS);
  const steps = [...words].flatMap((byte) => session.received(Uint8Array.of(byte)));
  expect(steps.map(({ kind }) => kind)).toEqual(['send', 'ready']);
});
