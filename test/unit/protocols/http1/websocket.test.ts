import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { websocket } from '../../../../src/protocols/http1/websocket.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { WebSocketSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  httpAnswer,
  websocketClose,
  websocketFrame,
  websocketHandshake,
  websocketSettings,
} from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

function opened(settings: Partial<WebSocketSettings> = {}, context: Partial<SessionContext> = {}): Session {
  const session = websocket.create(websocketSettings(settings)).open(sessionContext(context));
  session.start();
  return session;
}

function held(): Session {
  const session = opened();
  session.received(bytes(websocketHandshake()));
  return session;
}

/** Held, with a heartbeat outstanding. */
function asked(): Session {
  const session = held();
  session.beat();
  return session;
}

/** Of our frames: the opcode and the payload, as a server reads them; it must be masked. */
function unmasked(frame: Uint8Array): readonly [first: number, payload: string] {
  const [first = 0, second = 0] = frame;
  expect(second & 0x80, 'masked').toBe(0x80);
  expect(frame.length, 'whole').toBe(6 + (second & 0x7f));
  const mask = frame.subarray(2, 6);
  const payload = frame.subarray(6).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return [first, Buffer.from(payload).toString('latin1')];
}

const told = (steps: readonly Step[]): readonly unknown[] =>
  steps.map((step) => (step.kind === 'send' ? unmasked(step.bytes) : step));

const READY = { kind: 'ready' };
const NOT_OURS = { kind: 'broken', expected: 'expected frames of WebSocket, and other bytes came' };
const UNFIT = { kind: 'broken', expected: 'expected a handshake of WebSocket that answers ours' };

describe('the handshake', () => {
  const request = (settings: Partial<WebSocketSettings>, context: Partial<SessionContext> = {}): string => {
    const [step] = websocket.create(websocketSettings(settings)).open(sessionContext(context)).start();
    return step?.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : `${step?.kind}`;
  };

  test('asks for an upgrade, with 16 bytes of chance as its key', () => {
    expect(request({})).toBe(
      [
        'GET / HTTP/1.1',
        'Host: peer.test:8080',
        'User-Agent: finrst/1.2.3',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('has what is configured', () => {
    const settings = { path: '/chat?a=b', host: 'chat.test', origin: 'https://chat.test', subprotocol: 'v2.chat' };
    const text = request({ ...settings, username: 'me' }, { password: 'secret' });
    expect(text).toMatch(/^GET \/chat\?a=b HTTP\/1\.1\r\nHost: chat\.test\r\n/);
    for (const line of ['Origin: https://chat.test', 'Sec-WebSocket-Protocol: v2.chat']) {
      expect(text).toContain(`\r\n${line}\r\n`);
    }
    expect(text).toContain(`\r\nAuthorization: Basic ${btoa('me:secret')}\r\n`);
  });

  test('has the lines of a file of headers', () => {
    const password = '# of the shop\nCookie: session=secret; theme=dark\r\n\nX-Api-Key:key:1';
    const text = request({ credentials: 'headers' }, { password });
    expect(text).toMatch(/==\r\nCookie: session=secret; theme=dark\r\nX-Api-Key: key:1\r\n\r\n$/);
    expect(text).not.toContain('Authorization');
  });

  test.each(['Cookie', 'Co okie: a', 'Cookie: a\x01', ': a', 'X: a\nHost: b', 'sec-websocket-version: 8', 'Origin:x'])(
    'is not sent with a file of headers that holds %j',
    (password) => {
      expect(request({ credentials: 'headers' }, { password })).toBe('refused');
    },
  );

  test('is not sent with a value that is no header', () => {
    expect(request({}, { password: 'Bearer a\r\nX: y' })).toBe('refused');
    const session = opened({}, { password: 'a\nb' });
    expect(session.received(bytes(websocketHandshake()))).toEqual([]);
    expect(session.farewell()).toBeNull();
  });

  test('is answered by 101 and the proof that our key was read', () => {
    expect(opened().received(bytes(websocketHandshake()))).toEqual([READY]);
    const lines = ['UPGRADE: WebSocket', 'connection: keep-alive, upgrade'];
    const accepted = 'sec-websocket-accept:C/0nmHhBztSRGR1CwL6Tf4ZjwpY= ';
    expect(opened().received(bytes(httpAnswer(101, ...lines, accepted)))).toEqual([READY]);
  });

  // The example of RFC 6455, 1.3.
  test('proves the key of the example of the RFC', () => {
    const session = opened({}, { random: () => bytes('the sample nonce') });
    const accepted = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
    expect(session.received(bytes(httpAnswer(101, 'Upgrade: websocket', 'Connection: Upgrade', accepted)))).toEqual([
      READY,
    ]);
  });

  test.each([
    ['no proof', httpAnswer(101, 'Upgrade: websocket', 'Connection: Upgrade')],
    ['a wrong proof', websocketHandshake().replace('C/0n', 'c/0n')],
    ['two proofs', websocketHandshake('Sec-WebSocket-Accept: x')],
    ['no Upgrade', websocketHandshake().replace('Upgrade: websocket', 'X: y')],
    ['another Upgrade', websocketHandshake().replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['no Connection', websocketHandshake().replace('Connection: Upgrade', 'Connection: close')],
    ['an extension', websocketHandshake('Sec-WebSocket-Extensions: permessage-deflate')],
    ['a subprotocol', websocketHandshake('Sec-WebSocket-Protocol: v2.chat')],
  ])('is broken by %s', (_, text) => {
    const session = opened();
    expect(session.received(bytes(text))).toEqual([UNFIT]);
    expect(session.received(bytes(websocketHandshake()))).toEqual([]);
  });

  test('takes the subprotocol that was offered, none, and no other', () => {
    const answer = (...lines: readonly string[]) =>
      opened({ subprotocol: 'v2.chat' }).received(bytes(websocketHandshake(...lines)));
    expect(answer('Sec-WebSocket-Protocol: v2.chat')).toEqual([READY]);
    expect(answer()).toEqual([READY]);
    expect(answer('Sec-WebSocket-Protocol: v1.chat')).toEqual([UNFIT]);
  });

  test.each<[number, Goodbye]>([
    [200, 'other'],
    [301, 'not_found'],
    [308, 'not_found'],
    [400, 'protocol_error'],
    [401, 'auth_method'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'idle_limit'],
    [418, 'other'],
    [426, 'protocol_error'],
    [429, 'slow_down'],
    [500, 'server_error'],
    [502, 'not_ready'],
    [503, 'overloaded'],
    [504, 'not_ready'],
  ])('%i refuses as %s', (status, goodbye) => {
    const session = opened();
    expect(session.received(bytes(`${httpAnswer(status)}<html>`))).toEqual([
      { kind: 'refused', goodbye, code: `${status}` },
    ]);
    expect(session.farewell()).toBeNull();
  });

  test('401 refuses credentials where some were sent', () => {
    expect(opened({ username: 'me' }, { password: 'x' }).received(bytes(httpAnswer(401)))).toEqual([
      { kind: 'refused', goodbye: 'auth_failed', code: '401' },
    ]);
  });

  test('that is none is called by its name', () => {
    expect(opened().received(bytes('SSH-2.0-OpenSSH_9.2\r\n'))).toEqual([
      { kind: 'broken', expected: 'expected answers of HTTP; the peer speaks SSH' },
    ]);
  });
});

describe('a held connection', () => {
  test('pings with another byte each time, and takes the pong with that byte alone', () => {
    const session = held();
    for (const byte of ['\x01', '\x02', '\x03']) {
      expect(told(session.beat())).toEqual([[0x89, byte]]);
      const others = [websocketFrame(0x8a), websocketFrame(0x8a, '\x77'), websocketFrame(0x8a, `${byte}x`)];
      expect(session.received(bytes(others.join('')))).toEqual([]);
      const pong = websocketFrame(0x8a, byte);
      expect(session.received(bytes(pong + pong))).toEqual([{ kind: 'answered' }]);
    }
  });

  test('masks each frame by new chance', () => {
    let next = 0;
    const session = opened({}, { random: (count) => new Uint8Array(count).fill((next += 1)) });
    // The key was drawn first: all bytes are 1.
    const accepted = 'Sec-WebSocket-Accept: 5tWd1XMQfqfRMZqGrwjPEgEvyeE=';
    session.received(bytes(httpAnswer(101, 'Upgrade: websocket', 'Connection: Upgrade', accepted)));
    const [first, second] = [session.beat(), session.beat()].map(([step]) =>
      step?.kind === 'send' ? [...step.bytes] : [],
    );
    expect([first, second]).toEqual([
      [0x89, 0x81, 2, 2, 2, 2, 1 ^ 2],
      [0x89, 0x81, 3, 3, 3, 3, 2 ^ 3],
    ]);
  });

  test('answers a ping with its bytes, and of those that came together the last one', () => {
    const longest = 'x'.repeat(125);
    expect(told(held().received(bytes(websocketFrame(0x89, longest))))).toEqual([[0x8a, longest]]);
    const several = websocketFrame(0x89, 'a') + websocketFrame(0x81, 'text') + websocketFrame(0x89, 'b');
    expect(told(held().received(bytes(several)))).toEqual([[0x8a, 'b']]);
  });

  test('skips messages of any length, in parts and with control frames between them', () => {
    const message = websocketFrame(0x01, 'a') + websocketFrame(0x89) + websocketFrame(0x00) + websocketFrame(0x80, 'b');
    const all = [websocketFrame(0x82, 'x'.repeat(70_000)), message, websocketFrame(0x81, 'x'.repeat(126)), message];
    const session = asked();
    expect(told(session.received(bytes(all.join('') + websocketFrame(0x8a, '\x01'))))).toEqual([
      { kind: 'answered' },
      [0x8a, ''],
    ]);
  });

  test('skips a message of 8 PiB without keeping it', () => {
    const session = held();
    expect(session.received(bytes('\x82\x7f\x00\x1f\xff\xff\xff\xff\xff\xff'))).toEqual([]);
    expect(session.received(bytes(websocketClose(1001)))).toEqual([]); // it is within the message
    expect(held().received(bytes(`\x82\x7f\0\0\0\x01\0\0\0\x02xx${websocketClose(1001)}`))).toEqual([]);
  });

  test('reads lengths in more bytes than needed', () => {
    expect(told(held().received(bytes(`\x81\x7e\0\x01x\x81\x7f\0\0\0\0\0\0\0\x01x${websocketFrame(0x89)}`)))).toEqual([
      [0x8a, ''],
    ]);
  });

  test.each<[number, Goodbye]>([
    [1000, 'going_away'],
    [1001, 'going_away'],
    [1002, 'protocol_error'],
    [1003, 'protocol_error'],
    [1007, 'protocol_error'],
    [1008, 'forbidden'],
    [1009, 'protocol_error'],
    [1010, 'protocol_error'],
    [1011, 'server_error'],
    [1012, 'admin_shutdown'],
    [1013, 'overloaded'],
    [1014, 'not_ready'],
    [3000, 'auth_failed'],
    [3003, 'forbidden'],
    [3008, 'idle_limit'],
    [4401, 'auth_failed'],
    [4000, 'other'],
    [65_535, 'other'],
  ])('close %i is a goodbye, which is answered: %s', (code, goodbye) => {
    const session = asked();
    const close = websocketClose(code, 'words of the server');
    expect(told(session.received(bytes(websocketFrame(0x89, 'p') + close + websocketFrame(0x8a, '\x01'))))).toEqual([
      [0x88, close.slice(2, 4)],
      { kind: 'goodbye', goodbye, code: `${code}`, then: 'peerCloses' },
    ]);
    expect(session.received(bytes(close))).toEqual([]);
    expect(session.farewell()).toBeNull();
  });

  test('a close without a code is one as well', () => {
    expect(told(held().received(bytes(websocketFrame(0x88))))).toEqual([
      [0x88, ''],
      { kind: 'goodbye', goodbye: 'going_away', then: 'peerCloses' },
    ]);
  });

  test('what comes behind the handshake in one piece counts', () => {
    const all = websocketHandshake() + websocketFrame(0x89, 'p') + websocketFrame(0x81, 'hello');
    expect(told(opened().received(bytes(all)))).toEqual([READY, [0x8a, 'p']]);
    expect(told(opened().received(bytes(websocketHandshake() + websocketClose(1013))))).toEqual([
      READY,
      [0x88, '\x03\xf5'],
      { kind: 'goodbye', goodbye: 'overloaded', code: '1013', then: 'peerCloses' },
    ]);
  });

  test('says close 1000 before it leaves, and waits for the close of the peer, whatever comes before that', () => {
    const session = asked();
    const farewell = session.farewell();
    expect(farewell?.awaited).toBe(true);
    expect(unmasked(farewell?.bytes ?? new Uint8Array())).toEqual([0x88, '\x03\xe8']);
    const still = websocketFrame(0x81, 'text') + websocketFrame(0x8a, '\x01') + websocketFrame(0x89, 'p');
    expect(told(session.received(bytes(still)))).toEqual([[0x8a, 'p']]);
    expect(session.received(bytes(websocketClose(1000)))).toEqual([{ kind: 'left' }]);
    expect(session.received(bytes(websocketClose(1000)))).toEqual([]);
    expect(session.farewell()).toBeNull();
  });

  test('has nothing to say before it is one', () => {
    expect(opened().farewell()).toBeNull();
  });
});

test.each([
  ['a bit of an extension', '\xc1\x00'],
  ['a masked frame', '\x81\x81\0\0\0\0x'],
  ['an unknown kind of message', '\x83\x00'],
  ['an unknown kind of control frame', '\x8b\x00'],
  ['a control frame in parts', '\x09\x00'],
  ['a control frame of 126 bytes', websocketFrame(0x89, 'x'.repeat(126))],
  ['a close with half a code', '\x88\x01x'],
  ['a part of no message', websocketFrame(0x80)],
  ['a message within a message', websocketFrame(0x01) + websocketFrame(0x81)],
  ['a message of 2^53 bytes', '\x82\x7f\x00\x20\0\0\0\0\0\0'],
])('%s is broken at once', (_, text) => {
  const session = asked();
  expect(session.received(bytes(text))).toEqual([NOT_OURS]);
  expect(session.received(bytes(websocketFrame(0x8a, '\x01')))).toEqual([]);
  expect(session.farewell()).toBeNull();
});

test('a flood of short frames is broken before it can hold the event loop, and 5,000 are not', () => {
  const ping = websocketFrame(0x89, '');
  expect(told(held().received(bytes(ping.repeat(5000))))).toEqual([[0x8a, '']]);
  expect(held().received(bytes(ping.repeat(5001)))).toEqual([
    { kind: 'broken', expected: 'too many frames of WebSocket came at a time' },
  ]);
});

test('a conversation means the same in pieces of any size', () => {
  const handshake = bytes(httpAnswer(103) + websocketHandshake());
  const messages = websocketFrame(0x82, 'x'.repeat(300)) + websocketFrame(0x01, 'a') + websocketFrame(0x80, 'b');
  const rest = bytes(messages + websocketFrame(0x8a, '\x01') + websocketClose(1012, 'restart'));
  for (let size = 1; size <= rest.length; size++) {
    const session = opened();
    const inPieces = (whole: Uint8Array): readonly unknown[] =>
      Array.from({ length: Math.ceil(whole.length / size) }, (_, n) =>
        whole.subarray(n * size, (n + 1) * size),
      ).flatMap((piece) => told(session.received(piece)));
    expect(inPieces(handshake), `pieces of ${size}`).toEqual([READY]);
    session.beat();
    expect(inPieces(rest), `pieces of ${size}`).toEqual([
      { kind: 'answered' },
      [0x88, '\x03\xf4'],
      { kind: 'goodbye', goodbye: 'admin_shutdown', code: '1012', then: 'peerCloses' },
    ]);
  }
});

test('it asks for no TLS and no hash', () => {
  const session = held();
  expect([session.secured(null), session.derived(new Uint8Array(32))]).toEqual([[], []]);
});
