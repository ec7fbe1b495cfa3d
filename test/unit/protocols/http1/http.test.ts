import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { http } from '../../../../src/protocols/http1/http.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { Http1Settings } from '../../../../src/settings/protocol-settings.ts';
import { httpAnswer, httpSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<Http1Settings> = {}, context: Partial<SessionContext> = {}): Session =>
  http.create(httpSettings(settings)).open(sessionContext(context));

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind)).join('|');

function opened(settings: Partial<Http1Settings> = {}, context: Partial<SessionContext> = {}): Session {
  const session = open(settings, context);
  session.start();
  return session;
}

function held(): Session {
  const session = opened();
  session.received(bytes(httpAnswer(200)));
  return session;
}

/** Held, with a heartbeat outstanding. */
function asked(): Session {
  const session = held();
  session.beat();
  return session;
}

const other = (found: string) => [{ kind: 'broken', expected: `expected answers of HTTP${found}` }];
const goodbye = (word: Goodbye, code: string) => ({ kind: 'goodbye', goodbye: word, code, then: 'peerCloses' });

describe('the request', () => {
  test('is a HEAD, the same for the login and each heartbeat', () => {
    const request =
      'HEAD /up?deep=1 HTTP/1.1\r\nHost: peer.test:8080\r\nUser-Agent: finrst/1.2.3\r\nConnection: keep-alive\r\n\r\n';
    const session = open({ path: '/up?deep=1' });
    expect(sent(session.start())).toBe(request);
    session.received(bytes(httpAnswer(200)));
    expect(sent(session.beat())).toBe(request);
  });

  test.each<[string, Partial<SessionContext>]>([
    ['peer.test', { port: 80 }],
    ['peer.test:443', { port: 443 }],
    ['peer.test', { port: 443, tls: true }],
    ['[2001:db8::7]:8080', { host: '2001:db8::7' }],
  ])('names the target as %s', (name, context) => {
    expect(sent(open({}, context).start())).toContain(`\r\nHost: ${name}\r\n`);
  });

  test('names the host that is configured', () => {
    expect(sent(open({ host: 'shop.test' }).start())).toContain('\r\nHost: shop.test\r\n');
  });

  test('has a user name and a password in the Basic scheme, in UTF-8', () => {
    const text = sent(open({ username: 'me' }, { password: 'pä:\nß' }).start());
    expect(text.match(/\r\nAuthorization: Basic (\S+)\r\n/)?.[1]).toBe(Buffer.from('me:pä:\nß').toString('base64'));
  });

  test('has what the file holds where there is no user name, and nothing where there is no file', () => {
    expect(sent(open({}, { password: 'Bearer abc' }).start())).toContain('\r\nAuthorization: Bearer abc\r\n\r\n');
    expect(sent(open().start())).not.toContain('Authorization');
  });

  test.each(['Bearer a\r\nX: y', 'Bearer ä', 'a\n', 'a\0'])(
    'is not sent with a value that is no header: %j',
    (value) => {
      const session = open({}, { password: value });
      expect(session.start()).toEqual([{ kind: 'refused', goodbye: 'auth_failed' }]);
      expect(session.received(bytes(httpAnswer(200)))).toEqual([]);
      expect(session.beat()).toEqual([]);
    },
  );
});

describe('the first answer', () => {
  test.each([200, 204, 301, 304, 400, 401, 403, 404, 405, 408, 429, 500, 501])('%i is life', (status) => {
    const session = opened();
    expect(session.received(bytes(httpAnswer(status)))).toEqual([{ kind: 'ready' }]);
    expect(sent(session.beat())).toContain('HEAD / ');
  });

  test('has no body, whatever its headers say: the next answer follows at once', () => {
    const session = opened();
    expect(session.received(bytes(httpAnswer(200, 'Content-Length: 1000')))).toEqual([{ kind: 'ready' }]);
    for (const line of ['Transfer-Encoding: chunked', 'Content-Length: 7']) {
      session.beat();
      expect(session.received(bytes(httpAnswer(200, line)))).toEqual([{ kind: 'answered' }]);
    }
  });

  test('comes behind any number of interim ones', () => {
    const session = opened();
    expect(session.received(bytes(httpAnswer(100) + httpAnswer(103, 'Connection: close')))).toEqual([]);
    expect(session.received(bytes(httpAnswer(200)))).toEqual([{ kind: 'ready' }]);
  });

  test.each<[string, number]>([
    ['Keep-Alive: timeout=5', 4000],
    ['keep-alive:max=100,timeout = 75 ', 60_000],
    ['Keep-Alive: timeout="5", max=1', 4000],
    ['Keep-Alive: max=100\r\nKeep-Alive: timeout=10', 8000],
  ])('%j asks for heartbeats within %i ms', (line, beatWithinMs) => {
    expect(opened().received(bytes(httpAnswer(200, line)))).toEqual([{ kind: 'ready', beatWithinMs }]);
  });

  test.each([
    'Keep-Alive: timeout=0',
    'Keep-Alive: timeout=-5',
    'Keep-Alive: xtimeout=5',
    'Keep-Alive: timeout=9999999',
  ])('%j asks for nothing', (line) => {
    expect(opened().received(bytes(httpAnswer(200, line)))).toEqual([{ kind: 'ready' }]);
  });

  test.each<[number, Goodbye]>([
    [200, 'protocol_error'],
    [301, 'protocol_error'],
    [400, 'protocol_error'],
    [401, 'auth_method'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'idle_limit'],
    [429, 'slow_down'],
    [500, 'server_error'],
    [502, 'not_ready'],
    [503, 'overloaded'],
    [504, 'not_ready'],
  ])('%i that closes refuses as %s', (status, word) => {
    const session = opened();
    const refused = [{ kind: 'refused', goodbye: word, code: `${status}` }];
    expect(session.received(bytes(httpAnswer(status, 'Connection: Keep-Alive, Close')))).toEqual(refused);
    expect(session.received(bytes(httpAnswer(200)))).toEqual([]);
  });

  test('401 that closes refuses credentials where some were sent', () => {
    const session = opened({ username: 'me' }, { password: 'secret' });
    expect(session.received(bytes(httpAnswer(401, 'Connection: close')))).toEqual([
      { kind: 'refused', goodbye: 'auth_failed', code: '401' },
    ]);
  });

  test.each<[number, Goodbye]>([
    [502, 'not_ready'],
    [503, 'overloaded'],
    [504, 'not_ready'],
  ])('%i is no answer, also of a proxy that keeps the connection: %s', (status, word) => {
    expect(opened().received(bytes(httpAnswer(status)))).toEqual([
      { kind: 'refused', goodbye: word, code: `${status}` },
    ]);
  });

  test('of HTTP/1.0 closes unless it says that it does not', () => {
    expect(opened().received(bytes('HTTP/1.0 200 OK\r\n\r\n'))).toEqual([
      { kind: 'refused', goodbye: 'protocol_error', code: '200' },
    ]);
    expect(opened().received(bytes('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n'))).toEqual([{ kind: 'ready' }]);
  });

  test.each(['HTTP/1.1 200\r\n\r\n', 'HTTP/1.1 200 \n\n', 'HTTP/1.2 299 \xe4\r\nA\r\n: b\r\n\tc\r\n\r\n'])(
    'is read in every form that servers give it: %j',
    (text) => {
      expect(opened().received(bytes(text))).toEqual([{ kind: 'ready' }]);
    },
  );

  test('keeps nothing of headers that nobody wants, and little of those', () => {
    const long = `Connection: ${'x, '.repeat(2000)}`;
    expect(opened().received(bytes(httpAnswer(200, long, long, 'Connection: close')))).toEqual([{ kind: 'ready' }]);
  });
});

describe('a held connection', () => {
  test('takes each answer for a sign of life', () => {
    const session = held();
    for (const status of [200, 401, 404, 500, 429]) {
      session.beat();
      expect(session.received(bytes(httpAnswer(status)))).toEqual([{ kind: 'answered' }]);
    }
  });

  test.each<[number, Goodbye]>([
    [200, 'going_away'],
    [404, 'going_away'],
    [408, 'idle_limit'],
    [429, 'slow_down'],
    [500, 'server_error'],
  ])('an answer %i that closes is one, and a goodbye: %s', (status, word) => {
    const session = asked();
    expect(session.received(bytes(httpAnswer(status, 'Connection: close')))).toEqual([
      { kind: 'answered' },
      goodbye(word, `${status}`),
    ]);
    expect(session.received(bytes(`<html>${httpAnswer(200)}`))).toEqual([]);
  });

  test.each<[number, Goodbye]>([
    [502, 'not_ready'],
    [503, 'overloaded'],
    [504, 'not_ready'],
  ])('%i is none, and a goodbye: %s', (status, word) => {
    expect(asked().received(bytes(httpAnswer(status)))).toEqual([goodbye(word, `${status}`)]);
  });

  test.each<[number, Goodbye]>([
    [408, 'idle_limit'],
    [503, 'overloaded'],
    [429, 'slow_down'],
    [200, 'other'],
    [400, 'other'],
  ])('%i that nobody asked for is a goodbye: %s', (status, word) => {
    expect(held().received(bytes(httpAnswer(status)))).toEqual([goodbye(word, `${status}`)]);
  });

  test('a second answer to one heartbeat was not asked for', () => {
    expect(asked().received(bytes(httpAnswer(200) + httpAnswer(200)))).toEqual([
      { kind: 'answered' },
      goodbye('other', '200'),
    ]);
  });

  test('what comes behind the first answer in one piece counts, too', () => {
    expect(opened().received(bytes(httpAnswer(200) + httpAnswer(408, 'Connection: close')))).toEqual([
      { kind: 'ready' },
      goodbye('idle_limit', '408'),
    ]);
  });
});

test.each([
  ['\x15\x03\x01\x00\x02\x02\x0a', '; the peer answered with a TLS alert: the port wants TLS'],
  ['\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0', '; the peer speaks HTTP/2'],
  ['SSH-2.0-OpenSSH_9.2\r\n', '; the peer speaks SSH'],
  ['220 mail ESMTP\r\n', '; the peer speaks SMTP or FTP'],
  ['-ERR unknown command\r\n', '; the peer speaks the protocol of Redis'],
  ['HTTP/2 200 OK\r\n', ', and other bytes came'],
  ['HTTP/1.1 2000 OK\r\n', ', and other bytes came'],
  ['HTTP/1.1 099 OK\r\n', ', and other bytes came'],
  ['\r\n', ', and other bytes came'],
])('what is not HTTP/1 is called by its name, in whatever pieces it comes: %#', (text, found) => {
  expect(opened().received(bytes(text))).toEqual(other(found));
  const session = opened();
  expect([...bytes(text)].flatMap((byte) => session.received(Uint8Array.of(byte)))).toEqual(other(found));
});

test('a body behind an answer to HEAD is none of HTTP', () => {
  expect(asked().received(bytes(`${httpAnswer(200, 'Content-Length: 6')}<html>\r\n`))).toEqual([
    { kind: 'answered' },
    ...other(', and other bytes came'),
  ]);
});

test('a protocol that nobody asked for is broken', () => {
  const switched = '; the peer goes over to another protocol, which nobody asked for';
  expect(opened().received(bytes(httpAnswer(101)))).toEqual(other(switched));
  expect(asked().received(bytes(httpAnswer(101)))).toEqual(other(switched));
});

test('a line of more than 8 KiB is broken', () => {
  expect(opened().received(bytes(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(8192)}`))).toEqual([
    { kind: 'broken', expected: 'a line of HTTP was longer than 8 KiB' },
  ]);
});

test('a flood of short lines is broken before it can hold the event loop, and a thousand lines are not', () => {
  const session = opened();
  const most = bytes(`HTTP/1.1 200 OK\r\n${'a\n'.repeat(998)}\n`);
  expect(session.received(most)).toEqual([{ kind: 'ready' }]);
  session.beat();
  expect(session.received(most)).toEqual([{ kind: 'answered' }]);
  session.beat();
  expect(session.received(bytes(`HTTP/1.1 200 OK\r\n${'a\n'.repeat(999)}\n`))).toEqual([
    { kind: 'broken', expected: 'too many lines of HTTP came at a time' },
  ]);
});

test('it needs no farewell, asks for no TLS and no hash', () => {
  const session = held();
  expect(session.farewell()).toBeNull();
  expect([session.secured(null), session.derived(new Uint8Array(32))]).toEqual([[], []]);
});
