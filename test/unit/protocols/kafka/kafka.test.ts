import { pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { kafka } from '../../../../src/protocols/kafka/kafka.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { KafkaSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  KAFKA_MECHANISMS,
  KAFKA_VERSIONS,
  kafkaAnswer,
  kafkaLogin,
  kafkaSettings,
  uint32Text,
} from '../../../support/protocol-samples.ts';
import { answerScram } from '../../../support/scram-server.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));

function open(settings: Partial<KafkaSettings> = {}, context: Partial<SessionContext> = {}): Session {
  const session = kafka.create(kafkaSettings(settings)).open(sessionContext({ password: 'secret', ...context }));
  session.start();
  return session;
}

/** A request, as it is on the wire. */
function request(key: number, version: number, correlationId: number, body = '', clientId = 'finrst'): string {
  const head = `\0${String.fromCharCode(key)}\0${String.fromCharCode(version)}${uint32Text(correlationId)}`;
  const rest = `${head}\0${String.fromCharCode(clientId.length)}${clientId}${body}`;
  return uint32Text(rest.length) + rest;
}

const versions = (correlationId: number): string => request(18, 0, correlationId);
const authenticate = (correlationId: number, words: string): string =>
  request(36, 1, correlationId, uint32Text(words.length) + words);

function held(): Session {
  const session = open();
  session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS)));
  session.received(bytes(kafkaAnswer(2, KAFKA_VERSIONS)));
  return session;
}

/** A session that has named its mechanism. */
function named(sasl: KafkaSettings['sasl'], settings: Partial<KafkaSettings> = {}): Session {
  const session = open({ sasl, ...settings });
  session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS)));
  return session;
}

test('the first request is ApiVersions, version 0, which any broker answers', () => {
  const first = kafka.create(kafkaSettings()).open(sessionContext()).start();
  expect(Buffer.from((first[0] as { bytes: Uint8Array }).bytes).toString('hex')).toBe(
    '000000100012000000000001000666696e727374',
  );
  const other = kafka.create(kafkaSettings({ clientId: 'me' })).open(sessionContext());
  expect(sent(other.start())).toEqual([request(18, 0, 1, '', 'me')]);
});

test('without a login it asks twice: a listener that wants one closes only at the second', () => {
  const session = open();
  expect(sent(session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS))))).toEqual([versions(2)]);
  expect(session.received(bytes(kafkaAnswer(2, KAFKA_VERSIONS)))).toEqual([{ kind: 'ready' }]);
});

test('a heartbeat is ApiVersions again, and any answer is life', () => {
  const session = held();
  expect(sent(session.beat())).toEqual([versions(3)]);
  expect(session.received(bytes(kafkaAnswer(3, KAFKA_VERSIONS)))).toEqual([{ kind: 'answered' }]);
  expect(sent(session.beat())).toEqual([versions(4)]);
  expect(session.received(bytes(kafkaAnswer(4, '\0\x23')))).toEqual([{ kind: 'answered' }]);
});

test('PLAIN is the name of the mechanism, then name and password', () => {
  const session = open({ sasl: 'plain', username: 'ü' }, { password: 'pä' });
  const handshake = request(17, 1, 2, '\0\x05PLAIN');
  expect(sent(session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS))))).toEqual([handshake]);
  expect(sent(session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS))))).toEqual([
    authenticate(3, '\0\xc3\xbc\0p\xc3\xa4'),
  ]);
  expect(session.received(bytes(kafkaAnswer(3, kafkaLogin())))).toEqual([{ kind: 'ready' }]);
});

test.each([
  [0, 0, undefined],
  [0, 10_000, 9000],
  [0, 0x7fffffff, 0.9 * 0x7fffffff],
  [0, 0x80000000, undefined],
  [1, 10_000, undefined],
])('a login good for %i times 2^32 + %i ms is left in time', (high, low, leaveWithinMs) => {
  const session = named('plain');
  session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS)));
  const answer = kafkaLogin().slice(0, -8) + uint32Text(high) + uint32Text(low);
  const ready = { kind: 'ready', ...(leaveWithinMs !== undefined && { leaveWithinMs }) };
  expect(session.received(bytes(kafkaAnswer(3, answer)))).toEqual([ready]);
});

const NONCE = Buffer.from(Array.from({ length: 18 }, (_, index) => index + 1)).toString('base64');
const SALT = Buffer.from('a grain of salt');

test.each([
  ['scram-sha-256', 'sha256', 32],
  ['scram-sha-512', 'sha512', 64],
] as const)('%s proves the password without saying it, and has the broker prove it, too', (sasl, digest, keyBytes) => {
  const session = named(sasl, { username: 'a=b,c' });
  const name = 'a=3Db=2Cc';
  const mechanisms = bytes(kafkaAnswer(2, KAFKA_MECHANISMS));
  expect(sent(session.received(mechanisms))).toEqual([authenticate(3, `n,,n=${name},r=${NONCE}`)]);
  const first = `r=${NONCE}broker,s=${SALT.toString('base64')},i=4096`;
  expect(session.received(bytes(kafkaAnswer(3, kafkaLogin({ words: first }))))).toEqual([
    {
      kind: 'derive',
      derivation: { password: 'secret', salt: Uint8Array.from(SALT), iterations: 4096, keyBytes, digest },
    },
  ]);
  const salted = pbkdf2Sync('secret', SALT, 4096, keyBytes, digest);
  const [final = ''] = sent(session.derived(salted));
  const words = final.slice(final.indexOf('c='));
  expect(final).toBe(authenticate(4, words));
  const { isRight, verifier } = answerScram({
    digest,
    password: 'secret',
    clientFirst: `n=${name},r=${NONCE}`,
    serverFirst: first,
    clientFinal: words,
  });
  expect(isRight).toBe(true);
  const proved = kafkaLogin({ words: verifier, lifetimeMs: 10_000 });
  expect(session.received(bytes(kafkaAnswer(4, proved)))).toEqual([{ kind: 'ready', leaveWithinMs: 9000 }]);
});

test('the mechanism is named as brokers name it', () => {
  const session = open({ sasl: 'scram-sha-512' });
  expect(sent(session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS))))).toEqual([
    request(17, 1, 2, '\0\x0dSCRAM-SHA-512'),
  ]);
});

test('a broker that does not know the password is not let in', () => {
  const session = named('scram-sha-256');
  session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS)));
  const first = `r=${NONCE}broker,s=${SALT.toString('base64')},i=4096`;
  session.received(bytes(kafkaAnswer(3, kafkaLogin({ words: first }))));
  session.derived(new Uint8Array(32));
  const verifier = `v=${Buffer.alloc(32).toString('base64')}`;
  expect(session.received(bytes(kafkaAnswer(4, kafkaLogin({ words: verifier }))))).toEqual([
    { kind: 'refused', goodbye: 'auth_failed' },
  ]);
});

test('a challenge that is none ends the login', () => {
  const session = named('scram-sha-256');
  session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS)));
  expect(session.received(bytes(kafkaAnswer(3, kafkaLogin({ words: 'r=another,s=YQ==,i=4096' }))))).toEqual([
    { kind: 'refused', goodbye: 'protocol_error' },
  ]);
});

test.each<[number, Goodbye]>([
  [0xffff, 'server_error'],
  [8, 'not_ready'],
  [29, 'forbidden'],
  [31, 'forbidden'],
  [33, 'auth_method'],
  [34, 'auth_method'],
  [35, 'protocol_error'],
  [42, 'protocol_error'],
  [58, 'auth_failed'],
  [89, 'slow_down'],
  [3, 'other'],
])('error %i refuses as %s, whatever it answers', (error, goodbye) => {
  const code = String(error === 0xffff ? -1 : error);
  const answer = `${String.fromCharCode(error >> 8, error & 255)}\0\0\0\0`;
  const refused = [{ kind: 'refused', goodbye, code }];
  expect(open().received(bytes(kafkaAnswer(1, answer)))).toEqual(refused);
  expect(named('plain').received(bytes(kafkaAnswer(2, answer)))).toEqual(refused);
  const session = named('plain');
  session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS)));
  const said = kafkaLogin({ code: error, text: 'Authentication failed' });
  expect(session.received(bytes(kafkaAnswer(3, said)))).toEqual(refused);
  expect(session.received(bytes(kafkaAnswer(3, said)))).toEqual([]); // it is over
});

test('an answer to the login that is cut is a broken protocol', () => {
  const session = named('plain');
  session.received(bytes(kafkaAnswer(2, KAFKA_MECHANISMS)));
  expect(session.received(bytes(kafkaAnswer(3, kafkaLogin().slice(0, -1))))).toEqual([
    { kind: 'refused', goodbye: 'protocol_error' },
  ]);
});

test.each([
  ['\x15\x03\x03\0\x02\x02\x50', 'expected answers of Kafka; the peer answered with a TLS alert: the port wants TLS'],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected answers of Kafka; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected answers of Kafka; the peer speaks SSH'],
  [kafkaAnswer(2, KAFKA_VERSIONS), 'expected answers of Kafka, and other bytes came'], // to nothing that was asked
  [uint32Text(5) + uint32Text(1) + '\0', 'expected answers of Kafka, and other bytes came'], // too short
  [uint32Text(65_533) + uint32Text(1), 'expected answers of Kafka, and other bytes came'], // too long
])('what is no Kafka is called by its name: %#', (text, expected) => {
  const session = open();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes(kafkaAnswer(1, KAFKA_VERSIONS)))).toEqual([]);
});

test('held, an answer to nothing is broken', () => {
  expect(held().received(bytes(kafkaAnswer(2, KAFKA_VERSIONS)))).toEqual([
    { kind: 'broken', expected: 'expected answers of Kafka, and other bytes came' },
  ]);
});

test('it has no farewell, and asks for no TLS', () => {
  expect([held().farewell(), held().secured(null), held().derived(new Uint8Array(32))]).toEqual([null, [], []]);
});

test('byte by byte it is the same', () => {
  const session = open();
  const words = bytes(kafkaAnswer(1, KAFKA_VERSIONS) + kafkaAnswer(2, KAFKA_VERSIONS));
  const steps = [...words].flatMap((byte) => session.received(Uint8Array.of(byte)));
  expect(steps.map(({ kind }) => kind)).toEqual(['send', 'ready']);
});
