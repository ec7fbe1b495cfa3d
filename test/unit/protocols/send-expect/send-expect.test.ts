import { expect, test } from 'vitest';
import { sendExpect } from '../../../../src/protocols/send-expect/send-expect.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const send = bytes('PING');
const answered = [{ kind: 'answered' }];

test('it is ready at once, and each heartbeat is what the configuration says', () => {
  const session = sendExpect.create({ send, expect: null }).open();
  expect(session.start()).toEqual([{ kind: 'ready' }]);
  expect([session.beat(), session.beat()]).toEqual([[{ kind: 'send', bytes: send }], [{ kind: 'send', bytes: send }]]);
});

test('an answer counts once, in whatever pieces it comes', () => {
  const session = sendExpect.create({ send, expect: bytes('PONG') }).open();
  session.beat();
  expect(['xxPO', 'NG', 'PONG'].map((piece) => session.received(bytes(piece)))).toEqual([[], answered, []]);
});

test('what came before the heartbeat is no part of its answer', () => {
  const session = sendExpect.create({ send, expect: bytes('PONG') }).open();
  expect(session.received(bytes('PONG'))).toEqual([]);
  session.beat();
  session.received(bytes('PO')); // of an answer that was given up
  session.beat();
  expect(session.received(bytes('NG'))).toEqual([]);
  expect(session.received(bytes('PONG'))).toEqual(answered);
});

test('where nothing is expected nothing is an answer', () => {
  const session = sendExpect.create({ send, expect: null }).open();
  session.beat();
  expect(session.received(bytes('anything'))).toEqual([]);
});
