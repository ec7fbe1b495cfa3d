import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { amqp } from '../../../../src/protocols/amqp/amqp.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { AmqpSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  AMQP_CHANNEL_OPEN_OK,
  AMQP_OPEN_OK,
  AMQP_QOS_OK,
  amqpClose,
  amqpFrame,
  amqpMethod,
  amqpSettings,
  amqpStart,
  amqpTune,
} from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));

const HEADER = 'AMQP\0\0\x09\x01';
const CLOSE_OK = amqpMethod(0, 10, 51);
const CHANNEL_OPEN = amqpMethod(1, 20, 10, '\0');
const CHANNEL_CLOSE_OK = amqpMethod(1, 20, 41);
const QOS = '\x01\0\x01\0\0\0\x0b\0\x3c\0\x0a\0\0\0\0\0\0\0\xce';
const CLOSE = amqpMethod(0, 10, 50, '\0\xc8\x0dfinrst closes\0\0\0\0');

function open(context: Partial<SessionContext> = {}, settings: Partial<AmqpSettings> = {}): Session {
  const session = amqp.create(amqpSettings(settings)).open(sessionContext({ password: 'secret', ...context }));
  session.start();
  return session;
}

function held(): Session {
  const session = open();
  session.received(bytes(amqpStart() + amqpTune() + AMQP_OPEN_OK + AMQP_CHANNEL_OPEN_OK));
  return session;
}

test('we speak first, with the version', () => {
  expect(sent(amqp.create(amqpSettings()).open(sessionContext()).start())).toEqual([HEADER]);
});

test('a login: PLAIN, tune and open in one write, a channel', () => {
  const session = open({ password: 'pä' }, { vhost: 'orders' });
  const properties =
    '\0\0\0\x74\x07productS\0\0\0\x06finrst\x0fconnection_nameS\0\0\0\x06finrst\x0ccapabilitiesF' +
    '\0\0\0\x34\x1cauthentication_failure_closet\x01\x12connection.blockedt\x01';
  const startOk = amqpMethod(0, 10, 11, `${properties}\x05PLAIN\0\0\0\x0b\0finrst\0p\xc3\xa4\x05en_US`);
  expect(sent(session.received(bytes(amqpStart())))).toEqual([startOk]);
  const tuneOk = amqpMethod(0, 10, 31, '\0\x01\0\0\x10\0\0\x3c');
  expect(sent(session.received(bytes(amqpTune())))).toEqual([tuneOk + amqpMethod(0, 10, 40, '\x06orders\0\0')]);
  expect(sent(session.received(bytes(AMQP_OPEN_OK)))).toEqual([CHANNEL_OPEN]);
  expect(session.received(bytes(AMQP_CHANNEL_OPEN_OK))).toEqual([{ kind: 'ready', beatWithinMs: 30_000 }]);
});

test.each([
  { theirs: 60, beatEveryMs: 10_000, agreed: 20 },
  { theirs: 60, beatEveryMs: 10_400, agreed: 21 },
  { theirs: 60, beatEveryMs: 100, agreed: 2 },
  { theirs: 1, beatEveryMs: 10_000, agreed: 1 },
  { theirs: 60, beatEveryMs: 100_000, agreed: 60 },
  { theirs: 0, beatEveryMs: 10_000, agreed: 20 },
  { theirs: 0, beatEveryMs: 3_600_000_000, agreed: 65_535 },
  { theirs: 60, beatEveryMs: null, agreed: 60 },
  { theirs: 0, beatEveryMs: null, agreed: 0 },
])('the server wants $theirs s and we beat every $beatEveryMs ms: $agreed s', ({ theirs, beatEveryMs, agreed }) => {
  const session = open({ beatEveryMs });
  session.received(bytes(amqpStart()));
  const [tuneOk = ''] = sent(session.received(bytes(amqpTune(theirs))));
  expect(tuneOk.slice(17, 19)).toBe(String.fromCharCode(agreed >> 8, agreed & 255));
  const ready = session.received(bytes(AMQP_OPEN_OK + AMQP_CHANNEL_OPEN_OK)).at(-1);
  expect(ready).toEqual({ kind: 'ready', beatWithinMs: agreed * 500 });
});

test('a heartbeat is basic.qos without a limit, and qos-ok its answer', () => {
  const session = held();
  expect(session.received(bytes(AMQP_QOS_OK))).toEqual([]); // nothing was asked
  expect(sent(session.beat())).toEqual([QOS]);
  // The server's own heartbeats answer nothing: they come also where it would take no request.
  expect(session.received(bytes(amqpFrame(8, 0, '')))).toEqual([]);
  expect(session.received(bytes(AMQP_QOS_OK))).toEqual([{ kind: 'answered' }]);
});

test('a channel that is closed is not closed again: a peer does not decide how much we write', () => {
  const session = held();
  expect(sent(session.received(bytes(amqpClose(406, 'why', 1).repeat(3))))).toEqual([CHANNEL_CLOSE_OK]);
  session.beat();
  expect(sent(session.received(bytes(amqpClose(504, 'no', 1))))).toEqual([CHANNEL_CLOSE_OK, 'answered']);
});

test('a channel that the server closes is an answer, and is opened again by the next heartbeat', () => {
  const session = held();
  session.beat();
  expect(sent(session.received(bytes(amqpClose(406, 'why', 1))))).toEqual([CHANNEL_CLOSE_OK, 'answered']);
  expect(sent(session.beat())).toEqual([CHANNEL_OPEN]);
  expect(session.received(bytes(AMQP_CHANNEL_OPEN_OK))).toEqual([{ kind: 'answered' }]);
  expect(sent(session.beat())).toEqual([QOS]);
});

test.each<[number, string, Goodbye]>([
  [200, 'Goodbye', 'going_away'],
  [320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", 'admin_shutdown'],
  [402, 'INVALID_PATH', 'not_found'],
  [403, 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.', 'auth_failed'],
  [404, 'NOT_FOUND', 'not_found'],
  [405, 'RESOURCE_LOCKED', 'forbidden'],
  [406, 'PRECONDITION_FAILED', 'forbidden'],
  [501, 'FRAME_ERROR', 'protocol_error'],
  [502, 'SYNTAX_ERROR', 'protocol_error'],
  [503, 'COMMAND_INVALID', 'protocol_error'],
  [504, 'CHANNEL_ERROR', 'protocol_error'],
  [505, 'UNEXPECTED_FRAME', 'protocol_error'],
  [506, 'RESOURCE_ERROR', 'overloaded'],
  [530, 'NOT_ALLOWED - vhost nope not found', 'not_found'],
  [530, "NOT_ALLOWED - connection refused for user 'f': user connection limit (1) is reached", 'too_many_connections'],
  [530, "NOT_ALLOWED - access to vhost '/' refused for user 'f': vhost '/' is down", 'not_ready'],
  [530, "NOT_ALLOWED - access to vhost 'is not found' refused for user 'limit (1) is reached'", 'forbidden'],
  [540, 'NOT_IMPLEMENTED', 'protocol_error'],
  [541, 'INTERNAL_ERROR', 'server_error'],
  [999, '', 'other'],
])('%i %s is %s, refused and held', (code, text, goodbye) => {
  const close = bytes(amqpClose(code, text));
  const said = { goodbye, code: String(code) };
  const session = open();
  session.received(bytes(amqpStart()));
  expect(sent(session.received(close)).slice(0, 1)).toEqual([CLOSE_OK]);
  const other = open();
  other.received(bytes(amqpStart()));
  expect(other.received(close).slice(1)).toEqual([{ kind: 'refused', ...said }]);
  const [closeOk, goodbyeStep] = held().received(close);
  expect(sent([closeOk as Step])).toEqual([CLOSE_OK]);
  expect(goodbyeStep).toEqual({ kind: 'goodbye', ...said, then: 'peerCloses' });
});

test('a close without its code is a goodbye as well', () => {
  expect(
    held()
      .received(bytes(amqpMethod(0, 10, 50)))
      .slice(1),
  ).toEqual([{ kind: 'goodbye', goodbye: 'other', then: 'peerCloses' }]);
});

test('a server without PLAIN is refused, and gets no password', () => {
  expect(open().received(bytes(amqpStart('EXTERNAL AMQPLAIN')))).toEqual([{ kind: 'refused', goodbye: 'auth_method' }]);
});

test('a channel that the server does not open refuses the login', () => {
  const session = open();
  session.received(bytes(amqpStart() + amqpTune() + AMQP_OPEN_OK));
  expect(session.received(bytes(amqpClose(504, 'no channels', 1)))).toEqual([
    { kind: 'refused', goodbye: 'protocol_error', code: '504' },
  ]);
});

test.each([
  ['another version', `AMQP\0\0\x09\0`],
  ['a method out of order', amqpTune()],
  ['a start that is cut', amqpMethod(0, 10, 10, '\0\x09\0\0\0\x08abc')],
])('%s is a broken protocol', (_, words) => {
  expect(open().received(bytes(words))).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('a tune that is cut is a broken protocol', () => {
  const session = open();
  session.received(bytes(amqpStart()));
  expect(session.received(bytes(amqpMethod(0, 10, 30, '\0')))).toEqual([
    { kind: 'refused', goodbye: 'protocol_error' },
  ]);
});

test.each([
  ['\x15\x03\x03\0\x02\x02\x28', 'expected frames of AMQP; the peer answered with a TLS alert: the port wants TLS'],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected frames of AMQP; the peer speaks HTTP'],
  ['\x03\0\x01\0\0\0\x01a\xce', 'expected frames of AMQP, and other bytes came'], // a message before the login
  ['\x01\0\0\0\0\0\x04\0\x0a\0\x0a\0', 'expected frames of AMQP, and other bytes came'], // without its last byte
  ['\x01\0\0\0\xff\0\0', 'expected frames of AMQP, and other bytes came'], // longer than any
])('what is no AMQP is called by its name: %#', (text, expected) => {
  const session = open();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes(amqpStart()))).toEqual([]);
});

test('held, messages that nobody asked for are skipped, and other bytes are broken', () => {
  const session = held();
  expect(session.received(bytes(amqpFrame(2, 1, 'head') + amqpFrame(3, 1, 'x'.repeat(4000))))).toEqual([]);
  expect(session.received(bytes(amqpMethod(0, 10, 60, '\x06memory')))).toEqual([]); // connection.blocked
  expect(session.received(bytes('\x05\0\0\0\0\0\0\xce'))).toEqual([
    { kind: 'broken', expected: 'expected frames of AMQP, and other bytes came' },
  ]);
});

test('methods of another channel than theirs are not those that were waited for', () => {
  const session = held();
  session.beat();
  expect(session.received(bytes(amqpMethod(2, 60, 11) + amqpMethod(1, 10, 50, '\x01\x40\0\0\0\0\0')))).toEqual([]);
  expect(session.received(bytes(AMQP_QOS_OK))).toEqual([{ kind: 'answered' }]);
  session.farewell();
  expect(session.received(bytes(amqpMethod(1, 10, 51)))).toEqual([]);
});

test('the farewell is connection.close, which the server answers', () => {
  expect(open().farewell()).toBeNull();
  const session = held();
  expect(session.farewell()).toEqual({ bytes: bytes(CLOSE), awaited: true });
  expect(session.received(bytes(amqpFrame(8, 0, '') + AMQP_QOS_OK))).toEqual([]);
  expect(session.received(bytes(CLOSE_OK))).toEqual([{ kind: 'left' }]);
});

test('where both say goodbye at once, each is answered', () => {
  const session = held();
  session.farewell();
  expect(sent(session.received(bytes(amqpClose(320))))).toEqual([CLOSE_OK, 'left']);
});

test('behind the goodbye of the server there is none of ours, and a second one is dropped', () => {
  const session = held();
  session.received(bytes(amqpClose(320)));
  expect(session.received(bytes(amqpClose(541)))).toEqual([]);
  expect(session.farewell()).toBeNull();
});

test('it asks for no TLS and no hash', () => {
  const session = open();
  expect([session.secured(null), session.derived(new Uint8Array(32))]).toEqual([[], []]);
});

test('byte by byte it is the same', () => {
  const words = bytes(amqpStart() + amqpTune() + AMQP_OPEN_OK + AMQP_CHANNEL_OPEN_OK + amqpClose(320));
  const session = open();
  const steps = [...words].flatMap((byte) => session.received(Uint8Array.of(byte)));
  expect(steps).toEqual(open().received(words));
});
