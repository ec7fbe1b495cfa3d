import { expect, test } from 'vitest';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import { zookeeper } from '../../../../src/protocols/zookeeper/zookeeper.ts';
import type { ZookeeperSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  uint32Text,
  zookeeperConnected,
  zookeeperReply,
  zookeeperSettings,
} from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('hex') : step.kind));

function open(settings: Partial<ZookeeperSettings> = {}, context: Partial<SessionContext> = {}): Session {
  return zookeeper.create(zookeeperSettings(settings)).open(sessionContext({ beatEveryMs: 10_000, ...context }));
}

const PING = '00000008fffffffe0000000b';
const CLOSE = '0000000800000001fffffff5';
const asking = (timeoutMs: string): string =>
  `0000002d${'00'.repeat(12)}${timeoutMs}${'00'.repeat(8)}00000010${'00'.repeat(17)}`;

/** What ZooKeeper 3.9.5 said to a session of 30 s where 10 s are the most, to a ping, and to the end of the session. */
const CONNECTED = fromHex('0000002500000000000027100100012f97e1000000000010a5e4b408cec922e58bcc0727c741dd4f00');
const PONG = fromHex('00000010fffffffe000000000000000c00000000');
const CLOSED = fromHex('0000001000000001000000000000000d00000000');

/** A session that was asked for, and not given yet. */
function opening(settings: Partial<ZookeeperSettings> = {}, context: Partial<SessionContext> = {}): Session {
  const session = open(settings, context);
  session.start();
  return session;
}

function checking(): Session {
  const session = opening();
  session.received(CONNECTED);
  return session;
}

function held(): Session {
  const session = checking();
  session.received(PONG);
  return session;
}

test.each<[string, Partial<ZookeeperSettings>, number | null, string]>([
  ['three intervals', {}, 10_000, '00007530'],
  ['what is written', { sessionTimeoutMs: 4000 }, 10_000, '00000fa0'],
  ['30 s where nothing beats', {}, null, '00007530'],
  ['no more than 31 bits', {}, 0x7fffffff, '7fffffff'],
])('it asks for a session of %s', (_, settings, beatEveryMs, timeoutMs) => {
  expect(sent(open(settings, { beatEveryMs }).start())).toEqual([asking(timeoutMs)]);
});

test('a session that was given is tried by a ping, and beats at a third of the time that the server says', () => {
  const session = opening();
  expect(sent(session.received(CONNECTED))).toEqual([PING]);
  expect(session.received(PONG)).toEqual([{ kind: 'ready', beatWithinMs: 10_000 / 3 }]);
});

test('servers before 3.4 say nothing of a read-only mode', () => {
  const session = opening();
  const shorter = uint32Text(36) + Buffer.from(CONNECTED).toString('latin1').slice(4, -1);
  expect(sent(session.received(bytes(shorter)))).toEqual([PING]);
});

test('a heartbeat is a ping, and any answer to it is life', () => {
  const session = held();
  expect(sent(session.beat())).toEqual([PING]);
  expect(session.received(PONG)).toEqual([{ kind: 'answered' }]);
  expect(sent(session.beat())).toEqual([PING]);
  expect(session.received(bytes(zookeeperReply(-2, -112)))).toEqual([{ kind: 'answered' }]);
  expect(session.received(PONG)).toEqual([]); // nothing was asked
});

test('answers to something else are none', () => {
  const session = held();
  session.beat();
  expect(session.received(CLOSED)).toEqual([]);
  expect(session.received(bytes(zookeeperReply(-1)))).toEqual([]); // a change that somebody watches
  expect(session.received(PONG)).toEqual([{ kind: 'answered' }]);
  const another = checking();
  expect(another.received(bytes(zookeeperReply(-1)))).toEqual([]);
  expect(another.received(PONG)).toEqual([{ kind: 'ready', beatWithinMs: 10_000 / 3 }]);
});

test.each([
  [-124, 'auth_method'],
  [-112, 'other'],
])('error %i of the first ping refuses as %s', (error, goodbye) => {
  const session = checking();
  expect(session.received(bytes(zookeeperReply(-2, error)))).toEqual([
    { kind: 'refused', goodbye, code: String(error) },
  ]);
  expect(session.received(PONG)).toEqual([]); // it is over
});

test.each([0, 0x80000000, 0xffffffff])('a session of %i ms is none', (timeoutMs) => {
  const session = opening();
  expect(session.received(bytes(zookeeperConnected(timeoutMs)))).toEqual([{ kind: 'refused', goodbye: 'other' }]);
  expect(session.received(CONNECTED)).toEqual([]);
});

test.each([
  [
    '\x15\x03\x03\0\x02\x02\x50',
    'expected answers of ZooKeeper; the peer answered with a TLS alert: the port wants TLS',
  ],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected answers of ZooKeeper; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected answers of ZooKeeper; the peer speaks SSH'],
  ['This ZooKeeper instance is not currently serving requests', 'expected answers of ZooKeeper, and other bytes came'],
  [zookeeperReply(-2), 'expected answers of ZooKeeper, and other bytes came'], // no session was given
  [
    uint32Text(35) + zookeeperConnected(10_000).slice(4, -2), // its password is cut
    'expected answers of ZooKeeper, and other bytes came',
  ],
  [`${uint32Text(15)}\0`, 'expected answers of ZooKeeper, and other bytes came'], // too short
  [`${uint32Text(65_533)}\0`, 'expected answers of ZooKeeper, and other bytes came'], // too long
])('what is no ZooKeeper is called by its name: %#', (text, expected) => {
  const session = opening();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect([session.received(CONNECTED), session.farewell()]).toEqual([[], null]);
});

test('frames may be as short as an answer to a ping, and as long as 64 KiB', () => {
  const longest = uint32Text(65_532) + zookeeperReply(-1).slice(4).padEnd(65_532, 'x');
  expect(held().received(bytes(longest + zookeeperReply(-1)))).toEqual([]);
});

test('it leaves by ending its session, where there is one', () => {
  expect(opening().farewell()).toBeNull();
  const leaving = { bytes: fromHex(CLOSE), awaited: false };
  expect([checking().farewell(), held().farewell()]).toEqual([leaving, leaving]);
});

test('it asks for no TLS and no hash', () => {
  expect([held().secured(null), held().derived(new Uint8Array(32))]).toEqual([[], []]);
});

test('byte by byte it is the same', () => {
  const session = opening();
  const steps = [...CONNECTED, ...PONG].flatMap((byte) => session.received(Uint8Array.of(byte)));
  expect(steps.map(({ kind }) => kind)).toEqual(['send', 'ready']);
});
