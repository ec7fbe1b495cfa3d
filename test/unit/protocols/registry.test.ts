import { expect, test } from 'vitest';
import { createProtocol, PROTOCOLS } from '../../../src/protocols/registry.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const send = bytes('PING');

test('protocols are registered once each, under the names that configurations and labels have', () => {
  expect(PROTOCOLS.map(({ name }) => name)).toEqual(['send_expect']);
});

test('a heartbeat with an answer makes a protocol that sends it and waits for these bytes', () => {
  const protocol = createProtocol({ send, intervalMs: 1000, answer: { expect: bytes('PONG'), timeoutMs: 500 } });
  expect(protocol.expectsAnswer).toBe(true);
  const session = protocol.open();
  expect(session.start()).toEqual([{ kind: 'send', bytes: send }]);
  expect([session.received(bytes('PING')), session.received(bytes('PONG'))]).toEqual([[], [{ kind: 'ready' }]]);
});

test('a heartbeat without one makes a protocol that is ready at once', () => {
  const protocol = createProtocol({ send, intervalMs: 1000, answer: null });
  expect(protocol.expectsAnswer).toBe(false);
  const session = protocol.open();
  expect(session.start()).toEqual([{ kind: 'ready' }]);
  expect(session.beat()).toEqual([{ kind: 'send', bytes: send }]);
});
