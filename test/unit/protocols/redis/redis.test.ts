import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { redis } from '../../../../src/protocols/redis/redis.ts';
import type { Session, Step } from '../../../../src/protocols/session.ts';
import type { RedisSettings } from '../../../../src/settings/protocol-settings.ts';
import { redisSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<RedisSettings> = {}, password: string | null = null): Session =>
  redis.create(redisSettings(settings)).open(sessionContext({ password }));

/** A session whose first PING was answered. */
function held(): Session {
  const session = open();
  session.start();
  session.received(bytes('+PONG\r\n'));
  return session;
}

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind)).join('|');

test('without a password it says PING, and is ready with the answer', () => {
  const session = open();
  expect(sent(session.start())).toBe('*1\r\n$4\r\nPING\r\n');
  expect(session.received(bytes('+PONG\r\n'))).toEqual([{ kind: 'ready' }]);
});

test('AUTH, CLIENT SETNAME and PING go out in one write', () => {
  const session = open({ username: 'on', clientName: 'finrst' }, 'pä');
  expect(session.start()).toHaveLength(1);
  expect(sent(open({ username: 'on', clientName: 'f' }, 'pä').start())).toBe(
    '*3\r\n$4\r\nAUTH\r\n$2\r\non\r\n$3\r\np\xc3\xa4\r\n*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nf\r\n*1\r\n$4\r\nPING\r\n',
  );
  // A proxy may not know CLIENT.
  expect(session.received(bytes('+OK\r\n-ERR unknown command\r\n+PONG\r\n'))).toEqual([{ kind: 'ready' }]);
});

test('without a user name AUTH has the password alone', () => {
  expect(sent(open({}, 'pw').start())).toBe('*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n');
});

test.each<[string, Goodbye, string?]>([
  ['-NOAUTH Authentication required.', 'auth_method', 'NOAUTH'],
  ['-WRONGPASS invalid username-password pair or user is disabled.', 'auth_failed', 'WRONGPASS'],
  ['-ERR invalid password', 'auth_failed'],
  ['-ERR AUTH <password> called without any password configured for the default user.', 'auth_method'],
  ['-ERR Client sent AUTH, but no password is set', 'auth_method'],
  ['-LOADING Redis is loading the dataset in memory', 'not_ready', 'LOADING'],
  ['-MASTERDOWN Link with MASTER is down', 'not_ready', 'MASTERDOWN'],
  ['-BUSY Redis is busy running a script.', 'overloaded', 'BUSY'],
  ['-DENIED Redis is running in protected mode', 'forbidden', 'DENIED'],
  ['-NOPERM this user has no permissions', 'forbidden', 'NOPERM'],
  ['-ERR max number of clients reached', 'too_many_connections'],
  ['-ERR Protocol error: invalid bulk length', 'protocol_error'],
  ['-SOMETHING else', 'other'],
])('%s refuses the login as %s', (line, goodbye, code) => {
  const session = open({}, 'pw');
  session.start();
  const refused = { kind: 'refused', goodbye, ...(code === undefined ? {} : { code }) };
  expect(session.received(bytes(`${line}\r\n+PONG\r\n`))).toEqual([refused]);
});

test('a user that may not even PING is logged in', () => {
  const session = open({}, 'pw');
  session.start();
  expect(session.received(bytes('+OK\r\n-NOPERM this user has no permissions\r\n'))).toEqual([{ kind: 'ready' }]);
});

test.each(['+PONG', '-BUSY Redis is busy', '-LOADING x', '-NOPERM x', '-MASTERDOWN x'])(
  'held, %s answers a heartbeat: who says no is alive',
  (line) => {
    const session = held();
    expect(sent(session.beat())).toBe('*1\r\n$4\r\nPING\r\n');
    expect(session.received(bytes(`${line}\r\n`))).toEqual([{ kind: 'answered' }]);
  },
);

test('held, the first error that answers nothing is a goodbye', () => {
  expect(held().received(bytes('-LOADING x\r\n+OK\r\n-ERR y\r\n'))).toEqual([
    { kind: 'goodbye', goodbye: 'not_ready', code: 'LOADING', then: 'goesOn' },
  ]);
});

test.each([
  ['\x15\x03\x03\x00\x02\x02\x16', 'expected answers of Redis; the peer answered with a TLS alert: the port wants TLS'],
  ['HTTP/1.1 400 Bad Request\r\n', 'expected answers of Redis; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected answers of Redis; the peer speaks SSH'],
  ['220 mail ESMTP\r\n', 'expected answers of Redis; the peer speaks SMTP or FTP'],
  ['J\0\0\0\x0a5.5.5', 'expected answers of Redis; the peer speaks the protocol of MySQL'],
  ['hello\r\n', 'expected answers of Redis, and other bytes came'],
  ['$4\r\nPONG\r\n', 'expected answers of Redis, and other bytes came'],
  [`-${'x'.repeat(9000)}`, 'a line of Redis was longer than 8 KiB'],
])('what is not Redis is called by its name: %#', (text, expected) => {
  const session = open();
  session.start();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  expect(session.received(bytes('+PONG\r\n'))).toEqual([]);
});

test('held, too, other bytes are broken at once', () => {
  expect(held().received(bytes('\0\0'))).toEqual([
    { kind: 'broken', expected: 'expected answers of Redis, and other bytes came' },
  ]);
});

test('it needs no farewell, asks for no TLS and no hash', () => {
  const session = held();
  expect(session.farewell()).toBeNull();
  expect([session.secured(null), session.derived(new Uint8Array(32))]).toEqual([[], []]);
});
