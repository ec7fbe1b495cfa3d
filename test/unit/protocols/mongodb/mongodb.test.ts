import { pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { mongodb } from '../../../../src/protocols/mongodb/mongodb.ts';
import type { Session, Step } from '../../../../src/protocols/session.ts';
import type { MongodbSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  bson,
  MONGODB_OK,
  mongodbError,
  mongodbMessage,
  mongodbOk,
  mongodbSasl,
  mongodbSettings,
  mysqlError,
  mysqlGreeting,
  uint32leText,
} from '../../../support/protocol-samples.ts';
import { answerScram } from '../../../support/scram-server.ts';
import { SCRAM_NONCE } from '../../../support/session-samples/session-sample.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));

const text = (words: string): string => `${uint32leText(words.length + 1)}${words}\0`;
const binary = (words: string): string => `${uint32leText(words.length)}\0${words}`;
const database = (name = 'admin'): readonly [number, string, string] => [0x02, '$db', text(name)];
const one = uint32leText(1);

const request = (number: number, document: string): string => mongodbMessage(0, document, { number });
const ping = (number: number): string => request(number, bson([0x10, 'ping', one], database()));

/** A session that has greeted. */
function greeting(settings: Partial<MongodbSettings> = {}): Session {
  const session = mongodb.create(mongodbSettings(settings)).open(sessionContext({ password: 'secret' }));
  session.start();
  return session;
}

function held(): Session {
  const session = greeting();
  session.received(bytes(mongodbOk(1)));
  return session;
}

test('the greeting says who we are, and is enough where nobody logs in', () => {
  const session = mongodb.create(mongodbSettings()).open(sessionContext());
  const client = bson(
    [0x03, 'application', bson([0x02, 'name', text('finrst')])],
    [0x03, 'driver', bson([0x02, 'name', text('finrst')], [0x02, 'version', text('1.2.3')])],
    [0x03, 'os', bson([0x02, 'type', text('Linux')])],
  );
  const hello = bson([0x10, 'isMaster', one], [0x08, 'helloOk', '\x01'], [0x03, 'client', client], database());
  expect(sent(session.start())).toEqual([request(1, hello)]);
  expect(session.received(bytes(mongodbOk(1)))).toEqual([{ kind: 'ready' }]);
});

test('a heartbeat is a ping, and any answer is life', () => {
  const session = held();
  for (const [index, answer] of [mongodbOk(2), mongodbError(3, 13), mongodbError(4, 11_602)].entries()) {
    expect(sent(session.beat())).toEqual([ping(2 + index)]);
    expect(session.received(bytes(answer))).toEqual([{ kind: 'answered' }]);
  }
});

test('a number beside ok is no error', () => {
  const session = held();
  session.beat();
  const document = bson([0x10, 'code', uint32leText(91)], MONGODB_OK);
  expect(session.received(bytes(mongodbMessage(2, document)))).toEqual([{ kind: 'answered' }]);
});

test.each([91, 11_600])('error %i to a heartbeat is a goodbye', (code) => {
  const session = held();
  session.beat();
  const goodbye = { kind: 'goodbye', goodbye: 'admin_shutdown', code: String(code), then: 'peerCloses' };
  expect(session.received(bytes(mongodbError(2, code)))).toEqual([goodbye]);
});

test('an answer with more in it is one, too', () => {
  const types: readonly (readonly [number, string])[] = [
    [0x01, '12345678'],
    [0x02, text('a text')],
    [0x03, bson([0x08, 'ok', '\0'])],
    [0x04, bson([0x10, '0', one])],
    [0x05, binary('bytes')],
    [0x06, ''],
    [0x07, '123456789012'],
    [0x08, '\x01'],
    [0x09, '12345678'],
    [0x0a, ''],
    [0x0b, 'a pattern\0its options\0'],
    [0x0c, `${text('a pointer')}123456789012`],
    [0x0d, text('code')],
    [0x0e, text('a symbol')],
    [0x0f, uint32leText(4 + 9 + 5) + text('code') + bson()],
    [0x10, one],
    [0x11, '12345678'],
    [0x12, '12345678'],
    [0x13, '1234567890123456'],
    [0x7f, ''],
    [0xff, ''],
  ];
  for (const [type, value] of types) {
    const document = bson([type, 'x', value], MONGODB_OK);
    expect(greeting().received(bytes(mongodbMessage(1, document))), `type ${type}`).toEqual([{ kind: 'ready' }]);
    const cut = mongodbMessage(1, bson([type, 'x', value.slice(0, -1)]));
    if (value.length > 1)
      expect(greeting().received(bytes(cut)), `type ${type}, cut`).toMatchObject([{ kind: 'broken' }]);
  }
  for (const type of [0x14, 0x7e, 0x80]) {
    const document = bson([type, 'x', '12345678'], MONGODB_OK);
    expect(greeting().received(bytes(mongodbMessage(1, document)))).toMatchObject([{ kind: 'broken' }]);
  }
});

test.each([
  ['a double', [0x01, 'ok', '\0\0\0\0\0\0\xf0\x3f'], true],
  ['a number', [0x10, 'ok', one], true],
  ['a boolean', [0x08, 'ok', '\x01'], true],
  ['0', [0x10, 'ok', uint32leText(0)], false],
  ['false', [0x08, 'ok', '\0'], false],
  ['a text', [0x02, 'ok', text('1')], false],
  ['nothing', [0x10, 'no', one], false],
] as const)('ok may be %s', (_, ok, isOk) => {
  const steps = greeting().received(bytes(mongodbMessage(1, bson(ok))));
  expect(steps).toEqual([isOk ? { kind: 'ready' } : { kind: 'refused', goodbye: 'other' }]);
});

const SALT = Buffer.from('a grain of salt');
const FIRST = `${SCRAM_NONCE}server,s=${SALT.toString('base64')},i=4096`;

const server = (clientFinal: string, name: string) =>
  answerScram({
    digest: 'sha256',
    password: 'secret',
    clientFirst: `n=${name},${SCRAM_NONCE}`,
    serverFirst: FIRST,
    clientFinal,
  });

const saslStart = (number: number, name: string, authSource = 'admin'): string =>
  request(
    number,
    bson(
      [0x10, 'saslStart', one],
      [0x02, 'mechanism', text('SCRAM-SHA-256')],
      [0x05, 'payload', binary(`n,,n=${name},${SCRAM_NONCE}`)],
      [0x03, 'options', bson([0x08, 'skipEmptyExchange', '\x01'])],
      database(authSource),
    ),
  );
const saslContinue = (number: number, words: string, authSource = 'admin'): string =>
  request(
    number,
    bson(
      [0x10, 'saslContinue', one],
      [0x10, 'conversationId', uint32leText(5)],
      [0x05, 'payload', binary(words)],
      database(authSource),
    ),
  );

/** A login whose proof was sent; the words of it. */
function proving(): { readonly session: Session; readonly final: string } {
  const session = greeting({ username: 'finrst' });
  session.received(bytes(mongodbOk(1)));
  session.received(bytes(mongodbSasl(2, FIRST)));
  const [proof = ''] = sent(session.derived(pbkdf2Sync('secret', SALT, 4096, 32, 'sha256')));
  const final = proof.slice(proof.indexOf('c='), proof.indexOf('\x02$db'));
  return { session, final };
}

test('a login proves the password without saying it, and has the server prove it, too', () => {
  const session = greeting({ username: 'a=b,c', authSource: 'shop' });
  const name = 'a=3Db=2Cc';
  expect(sent(session.received(bytes(mongodbOk(1))))).toEqual([saslStart(2, name, 'shop')]);
  const derivation = {
    password: 'secret',
    salt: Uint8Array.from(SALT),
    iterations: 4096,
    keyBytes: 32,
    digest: 'sha256',
  };
  expect(session.received(bytes(mongodbSasl(2, FIRST)))).toEqual([{ kind: 'derive', derivation }]);
  const [proof = ''] = sent(session.derived(pbkdf2Sync('secret', SALT, 4096, 32, 'sha256')));
  const final = proof.slice(proof.indexOf('c='), proof.indexOf('\x02$db'));
  expect(proof).toBe(saslContinue(3, final, 'shop'));
  const { isRight, verifier } = server(final, name);
  expect(isRight).toBe(true);
  expect(session.received(bytes(mongodbSasl(3, verifier, true)))).toEqual([{ kind: 'ready' }]);
});

test('a server that wants one more message gets an empty one', () => {
  const { session, final } = proving();
  const { verifier } = server(final, 'finrst');
  expect(sent(session.received(bytes(mongodbSasl(3, verifier))))).toEqual([saslContinue(4, '')]);
  expect(session.received(bytes(mongodbSasl(4, '', true)))).toEqual([{ kind: 'ready' }]);
});

test('and no more than that', () => {
  const { session, final } = proving();
  session.received(bytes(mongodbSasl(3, server(final, 'finrst').verifier)));
  expect(session.received(bytes(mongodbSasl(4, '')))).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('a server that does not know the password is not let in', () => {
  const { session } = proving();
  const verifier = `v=${Buffer.alloc(32).toString('base64')}`;
  expect(session.received(bytes(mongodbSasl(3, verifier, true)))).toEqual([
    { kind: 'refused', goodbye: 'auth_failed' },
  ]);
});

test.each(['r=another,s=YQ==,i=4096', ''])('a challenge that is none ends the login: %s', (words) => {
  const session = greeting({ username: 'u' });
  session.received(bytes(mongodbOk(1)));
  expect(session.received(bytes(mongodbSasl(2, words)))).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test.each<[number, Goodbye]>([
  [1, 'server_error'],
  [9, 'protocol_error'],
  [11, 'auth_failed'],
  [13, 'auth_method'],
  [18, 'auth_failed'],
  [50, 'overloaded'],
  [59, 'protocol_error'],
  [91, 'admin_shutdown'],
  [189, 'not_ready'],
  [262, 'overloaded'],
  [334, 'auth_method'],
  [8000, 'auth_failed'],
  [10_107, 'not_ready'],
  [11_600, 'admin_shutdown'],
  [11_602, 'not_ready'],
  [13_435, 'not_ready'],
  [13_436, 'not_ready'],
  [26, 'other'],
  [-1, 'other'],
])('error %i refuses as %s, whatever it answers', (code, goodbye) => {
  const refused = [{ kind: 'refused', goodbye, code: String(code) }];
  expect(greeting().received(bytes(mongodbError(1, code)))).toEqual(refused);
  const session = greeting({ username: 'u' });
  session.received(bytes(mongodbOk(1)));
  expect(session.received(bytes(mongodbError(2, code)))).toEqual(refused);
  expect(session.received(bytes(mongodbSasl(2, FIRST)))).toEqual([]); // it is over
  expect(proving().session.received(bytes(mongodbError(3, code)))).toEqual(refused);
});

test('a code that is no whole number is none', () => {
  const document = bson([0x01, 'code', '\0\0\0\0\0\0\xe0\x3f']); // 0.5
  expect(greeting().received(bytes(mongodbMessage(1, document)))).toEqual([{ kind: 'refused', goodbye: 'other' }]);
});

const OTHER = 'expected messages of MongoDB, and other bytes came';
const UNASKED = 'expected an answer of MongoDB to what was asked, and another one came';

test.each([
  [
    '\x15\x03\x03\0\x02\x02\x50',
    'expected messages of MongoDB; the peer answered with a TLS alert: the port wants TLS',
  ],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected messages of MongoDB; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected messages of MongoDB; the peer speaks SSH'],
  [mysqlGreeting(), 'expected messages of MongoDB; the peer speaks the protocol of MySQL'],
  [
    mysqlError(1129, 0, 'Host is blocked because of many connection errors'),
    'expected messages of MongoDB; the peer speaks the protocol of MySQL',
  ],
  [mongodbOk(2), UNASKED],
  [mongodbMessage(2, bson(MONGODB_OK), { number: 10 }), UNASKED], // it begins as the greeting of MySQL does
  [mongodbMessage(1, bson(MONGODB_OK), { kind: 1 }), OTHER], // of another kind
  [mongodbOk(1).slice(0, 20) + '\x01' + mongodbOk(1).slice(21), OTHER], // of another section
  [mongodbMessage(1, bson(MONGODB_OK).slice(0, -1)), OTHER], // without an end
  [`${uint32leText(25)}\0`, OTHER], // too short
  [`${uint32leText(32_769)}\0`, OTHER], // too long
])('what is no MongoDB is called by its name: %#', (words, expected) => {
  const session = greeting();
  expect(session.received(bytes(words))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes(mongodbOk(1)))).toEqual([]);
});

test('held, an answer to nothing is broken', () => {
  expect(held().received(bytes(mongodbOk(1)))).toEqual([{ kind: 'broken', expected: UNASKED }]);
});

test('messages of up to 32 KiB are read', () => {
  const rest = 'x'.repeat(32_768 - mongodbMessage(1, bson([0x02, 'x', text('')], MONGODB_OK)).length);
  const whole = bytes(mongodbMessage(1, bson([0x02, 'x', text(rest)], MONGODB_OK)));
  expect(whole.length).toBe(32_768);
  expect(greeting().received(whole)).toEqual([{ kind: 'ready' }]);
});

test('it has no farewell, and asks for no TLS', () => {
  expect([held().farewell(), held().secured(null), held().derived(new Uint8Array(32))]).toEqual([null, [], []]);
});

test('byte by byte it is the same', () => {
  const session = greeting({ username: 'u' });
  const words = bytes(mongodbOk(1) + mongodbSasl(2, FIRST));
  const steps = [...words].flatMap((byte) => session.received(Uint8Array.of(byte)));
  expect(steps.map(({ kind }) => kind)).toEqual(['send', 'derive']);
});
