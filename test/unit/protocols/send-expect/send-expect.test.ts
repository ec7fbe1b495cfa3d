import { expect, test } from 'vitest';
import { sendExpect } from '../../../../src/protocols/send-expect/send-expect.ts';
import type { Session } from '../../../../src/protocols/session.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const send = bytes('PING');
const sent = [{ kind: 'send', bytes: send }];
const ready = [{ kind: 'ready' }];
const answered = [{ kind: 'answered' }];

const received = (session: Session, ...pieces: readonly string[]) =>
  pieces.map((piece) => session.received(bytes(piece)));

test('where nothing is expected it is ready at once, and each heartbeat is what the configuration says', () => {
  const protocol = sendExpect.create({ send, expect: null });
  const session = protocol.open(sessionContext());
  expect(protocol.expectsAnswer).toBe(false);
  expect(session.start()).toEqual(ready);
  expect([session.beat(), session.beat()]).toEqual([sent, sent]);
});

test('where an answer is expected it sends at once, and is ready with the first answer', () => {
  const protocol = sendExpect.create({ send, expect: bytes('PONG') });
  const session = protocol.open(sessionContext());
  expect(protocol.expectsAnswer).toBe(true);
  expect(session.start()).toEqual(sent);
  expect(received(session, 'banner PO', 'NG', 'PONG')).toEqual([[], ready, []]);
  expect(session.beat()).toEqual(sent);
});

test('an answer counts once, in whatever pieces it comes', () => {
  const session = opened();
  session.beat();
  expect(received(session, 'xxPO', 'NG', 'PONG')).toEqual([[], answered, []]);
});

test('what came before the heartbeat is no part of its answer', () => {
  const session = opened();
  expect(received(session, 'PONG')).toEqual([[]]);
  session.beat();
  received(session, 'PO'); // of an answer that was given up
  session.beat();
  expect(received(session, 'NG', 'PONG')).toEqual([[], answered]);
});

test('bytes that come before anything was sent make nothing ready', () => {
  const session = sendExpect.create({ send, expect: bytes('PONG') }).open(sessionContext());
  expect(received(session, 'PONG')).toEqual([[]]);
  session.start();
  expect(received(session, 'PONG')).toEqual([ready]);
});

test('where nothing is expected nothing is an answer', () => {
  const session = sendExpect.create({ send, expect: null }).open(sessionContext());
  session.start();
  session.beat();
  expect(received(session, 'anything')).toEqual([[]]);
});

/** A session that had its first answer. */
function opened(): Session {
  const session = sendExpect.create({ send, expect: bytes('PONG') }).open(sessionContext());
  session.start();
  session.received(bytes('PONG'));
  return session;
}
