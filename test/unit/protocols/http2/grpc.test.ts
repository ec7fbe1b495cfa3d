import { expect, test } from 'vitest';
import { grpc } from '../../../../src/protocols/http2/grpc.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { GrpcSettings } from '../../../../src/settings/protocol-settings.ts';
import { grpcAnswer, grpcSettings, http2Frame, uint32Text } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<GrpcSettings> = {}, context: Partial<SessionContext> = {}): Session =>
  grpc.create(grpcSettings(settings)).open(sessionContext(context));

const told = (steps: readonly Step[]): readonly unknown[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step));
const SETTINGS = http2Frame(4, 0, 0);
const ACK = http2Frame(4, 1, 0);
/** A name that makes each request 127 bytes with its lengths. */
const LONG = 'x'.repeat(120);
const request = (stream: number): string => http2Frame(0, 1, stream, `\0\0\0\0\x7a\x0a\x78${LONG}`);
/** What SETTINGS say of the window that each stream begins with. */
const window = (size: number): string => http2Frame(4, 0, 0, `\0\x04${uint32Text(size)}`);

test('the preface, settings and a question for its health go out in one write', () => {
  expect(grpc.create(grpcSettings())).toMatchObject({ expectsAnswer: true, tls: 'atOnce', alpn: ['h2'] });
  const fields = [
    '\x20', // no table
    '\0\x07:method\x04POST',
    '\0\x07:scheme\x04http',
    '\0\x0a:authority\x0epeer.test:8080',
    '\0\x05:path\x1c/grpc.health.v1.Health/Check',
    '\0\x0ccontent-type\x10application/grpc',
    '\0\x02te\x08trailers',
    '\0\x0auser-agent\x0cfinrst/1.2.3',
  ];
  const [sent] = told(open().start());
  expect(sent).toContain(http2Frame(1, 0x4, 1, fields.join('')) + http2Frame(0, 0x1, 1, '\0\0\0\0\0'));
  expect(told(open({ authority: 'shop.test' }, { tls: true }).start())[0]).toContain(
    'https\0\x0a:authority\x09shop.test',
  );
});

test('a service is asked for by its name', () => {
  const [sent] = told(open({ service: 'shop.Cart' }).start());
  expect(String(sent)).toContain(http2Frame(0, 0x1, 1, '\0\0\0\0\x0b\x0a\x09shop.Cart'));
});

test('it is ready with the trailers of the answer, and beats by the same question', () => {
  const session = open();
  session.start();
  const answer = grpcAnswer(1);
  expect(told(session.received(bytes(SETTINGS + answer.slice(0, -1))))).toEqual([ACK]);
  expect(told(session.received(bytes(answer.slice(-1))))).toEqual([{ kind: 'ready' }]);
  expect(String(told(session.beat())[0])).toContain(http2Frame(0, 0x1, 3, '\0\0\0\0\0'));
  expect(told(session.received(bytes(grpcAnswer(3))))).toEqual([{ kind: 'answered' }]);
});

test('an answer without a body, as of a service that is not there, is an answer', () => {
  const session = open();
  session.start();
  expect(told(session.received(bytes(SETTINGS + http2Frame(1, 0x5, 1, '\x88'))))).toEqual([ACK, { kind: 'ready' }]);
});

test('a question waits until the peer takes it: by room on the stream', () => {
  const session = open({ service: LONG });
  session.start();
  session.received(bytes(window(100) + grpcAnswer(1)));
  expect(String(told(session.beat())[0])).not.toContain(LONG);
  expect(told(session.received(bytes(http2Frame(8, 0, 3, uint32Text(26)))))).toEqual([]);
  expect(told(session.received(bytes(http2Frame(8, 0, 1, uint32Text(1000)))))).toEqual([]);
  expect(told(session.received(bytes(http2Frame(8, 0, 3, uint32Text(1)))))).toEqual([request(3)]);
  expect(told(session.received(bytes(http2Frame(8, 0, 3, uint32Text(1000)) + grpcAnswer(3))))).toEqual([
    { kind: 'answered' },
  ]);
});

test('a question waits until the peer takes it: by new settings', () => {
  const session = open({ service: LONG });
  session.start();
  session.received(bytes(window(0) + grpcAnswer(1)));
  expect(String(told(session.beat())[0])).not.toContain(LONG);
  expect(told(session.received(bytes(window(126))))).toEqual([ACK]);
  expect(told(session.received(bytes(window(127))))).toEqual([ACK + request(3)]);
});

test('a question waits until the peer takes it: by room on the connection', () => {
  const session = open({ service: LONG });
  session.start();
  session.received(bytes(SETTINGS + grpcAnswer(1)));
  // 65,535 bytes, and 127 for each question.
  for (let stream = 3; stream <= 1031; stream += 2) {
    expect(String(told(session.beat())[0])).toContain(request(stream));
    session.received(bytes(grpcAnswer(stream)));
  }
  expect(String(told(session.beat())[0])).not.toContain(LONG);
  expect(told(session.received(bytes(http2Frame(8, 0, 0, uint32Text(126)))))).toEqual([request(1033)]);
});

test('a question that was answered before the peer took it is not sent any more', () => {
  const session = open({ service: LONG });
  session.start();
  session.received(bytes(window(0) + grpcAnswer(1)));
  session.beat();
  expect(told(session.received(bytes(http2Frame(3, 0, 3, uint32Text(8)))))).toEqual([{ kind: 'answered' }]);
  expect(told(session.received(bytes(http2Frame(8, 0, 3, uint32Text(1000)))))).toEqual([]);
});
