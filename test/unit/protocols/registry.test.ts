import { expect, test } from 'vitest';
import { createProtocol, PROTOCOLS } from '../../../src/protocols/registry.ts';
import { sessionContext } from '../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const send = bytes('PING');

test('protocols are registered once each, under the names that configurations and labels have', () => {
  expect(Object.entries(PROTOCOLS).map(([key, { name }]) => [key, name])).toEqual([
    ['send_expect', 'send_expect'],
    ['redis', 'redis'],
    ['postgres', 'postgres'],
    ['mysql', 'mysql'],
    ['amqp', 'amqp'],
    ['kafka', 'kafka'],
    ['script', 'script'],
    ['smtp', 'smtp'],
    ['imap', 'imap'],
    ['ftp', 'ftp'],
    ['memcached', 'memcached'],
    ['http', 'http'],
    ['websocket', 'websocket'],
    ['http2', 'http2'],
    ['grpc', 'grpc'],
    ['mqtt', 'mqtt'],
    ['nats', 'nats'],
    ['ldap', 'ldap'],
    ['zookeeper', 'zookeeper'],
    ['cassandra', 'cassandra'],
    ['mongodb', 'mongodb'],
  ]);
});

test('bytes to expect make a protocol that sends it and waits for these bytes', () => {
  const protocol = createProtocol({ name: 'send_expect', settings: { send, expect: bytes('PONG') } });
  expect(protocol.expectsAnswer).toBe(true);
  const session = protocol.open(sessionContext());
  expect(session.start()).toEqual([{ kind: 'send', bytes: send }]);
  expect([session.received(bytes('PING')), session.received(bytes('PONG'))]).toEqual([[], [{ kind: 'ready' }]]);
});

test('none make a protocol that is ready at once', () => {
  const protocol = createProtocol({ name: 'send_expect', settings: { send, expect: null } });
  expect(protocol.expectsAnswer).toBe(false);
  const session = protocol.open(sessionContext());
  expect(session.start()).toEqual([{ kind: 'ready' }]);
  expect(session.beat()).toEqual([{ kind: 'send', bytes: send }]);
});
