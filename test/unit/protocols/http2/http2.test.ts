import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { http2 } from '../../../../src/protocols/http2/http2.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { Http2Settings } from '../../../../src/settings/protocol-settings.ts';
import { http2Answer, http2Frame, http2GoAway, http2Settings, uint32Text } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const SETTINGS = http2Frame(4, 0, 0);
const ACK = http2Frame(4, 1, 0);
const NOT_OURS = { kind: 'broken', expected: 'expected frames of HTTP/2, and other bytes came' };

function opened(settings: Partial<Http2Settings> = {}, context: Partial<SessionContext> = {}): Session {
  const session = http2.create(http2Settings(settings)).open(sessionContext(context));
  session.start();
  return session;
}

/** A session whose first request was answered. */
function held(): Session {
  const session = opened();
  session.received(bytes(SETTINGS + http2Answer(1)));
  return session;
}

/** What is sent as text, one character for each byte; other steps as they are. */
const told = (steps: readonly Step[]): readonly unknown[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step));

test('the preface, settings and a HEAD request go out in one write', () => {
  const protocol = http2.create(http2Settings({ path: '/up', authority: 'shop.test' }));
  expect(protocol).toMatchObject({ expectsAnswer: true, tls: 'atOnce', alpn: ['h2'] });
  const fields = [
    '\x20', // no table
    '\0\x07:method\x04HEAD',
    '\0\x07:scheme\x05https',
    '\0\x0a:authority\x09shop.test',
    '\0\x05:path\x03/up',
    '\0\x0auser-agent\x0cfinrst/1.2.3',
  ];
  expect(told(protocol.open(sessionContext({ tls: true })).start())).toEqual([
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' +
      http2Frame(4, 0, 0, '\0\x01\0\0\0\0\0\x02\0\0\0\0') +
      http2Frame(1, 0x5, 1, fields.join('')),
  ]);
});

test.each([
  [{ host: 'peer.test', port: 8080, tls: false }, 'peer.test:8080'],
  [{ host: 'peer.test', port: 80, tls: false }, 'peer.test'],
  [{ host: 'peer.test', port: 80, tls: true }, 'peer.test:80'],
  [{ host: '::1', port: 443, tls: true }, '[::1]'],
])('without an authority of its own it names the target: %j', (target, authority) => {
  const session = http2.create(http2Settings()).open(sessionContext(target));
  expect(String(told(session.start()))).toContain(`:authority${String.fromCharCode(authority.length)}${authority}`);
});

test('a value of 127 bytes and more has a length of several bytes', () => {
  const sent = (path: string): string =>
    String(told(http2.create(http2Settings({ path })).open(sessionContext()).start()));
  for (const [length, encoded] of [
    [126, '\x7e'],
    [127, '\x7f\x00'],
    [254, '\x7f\x7f'],
    [255, '\x7f\x80\x01'],
    [1000, '\x7f\xe9\x06'],
  ] as const) {
    const path = `/${'x'.repeat(length - 1)}`;
    expect(sent(path)).toContain(`:path${encoded}${path}\0`);
  }
});

describe('the login', () => {
  test('is done with the end of the answer, whatever it says, and the settings are acknowledged', () => {
    expect(told(opened().received(bytes(SETTINGS + http2Answer(1))))).toEqual([ACK, { kind: 'ready' }]);
  });

  test('waits for the answer, not for the settings', () => {
    const session = opened();
    expect(told(session.received(bytes(SETTINGS)))).toEqual([ACK]);
    expect(told(session.received(bytes(ACK + http2Frame(1, 0x4, 1, '\x88'))))).toEqual([]);
    expect(told(session.received(bytes(http2Frame(0, 0x1, 1))))).toEqual([{ kind: 'ready' }]);
  });

  test('takes headers in several frames, and their end with the last', () => {
    const session = opened();
    const begin = http2Frame(1, 0x1, 1, 'abc') + http2Frame(9, 0, 1, 'de');
    expect(told(session.received(bytes(SETTINGS + begin)))).toEqual([ACK]);
    expect(told(session.received(bytes(http2Frame(9, 0x4, 1, 'f'))))).toEqual([{ kind: 'ready' }]);
  });

  test('takes a stream that is refused for an answer: who refuses is alive', () => {
    expect(told(opened().received(bytes(SETTINGS + http2Frame(3, 0, 1, uint32Text(7)))))).toEqual([
      ACK,
      { kind: 'ready' },
    ]);
  });

  test.each<[number, string, Goodbye, string]>([
    [0, '', 'not_ready', '0x00'],
    [0, 'max_age', 'not_ready', '0x00'],
    [0, 'graceful_stop', 'admin_shutdown', '0x00'],
    [11, 'too_many_pings', 'slow_down', '0x0b'],
    [2, '', 'server_error', '0x02'],
    [13, '', 'protocol_error', '0x0d'],
  ])('is refused by GOAWAY %i %j as %s', (code, text, goodbye, goodbyeCode) => {
    const session = opened();
    expect(session.received(bytes(SETTINGS + http2GoAway(code, text) + http2Answer(1)))).toEqual([
      { kind: 'refused', goodbye, code: goodbyeCode },
    ]);
    expect(session.received(bytes(http2Answer(1)))).toEqual([]);
    expect(session.farewell()).toBeNull();
  });
});

describe('a held connection', () => {
  test('asks on the next stream with each heartbeat, and takes its answer alone', () => {
    const session = held();
    for (const stream of [3, 5, 7]) {
      const [request] = told(session.beat());
      expect(String(request).slice(0, 9)).toBe(
        http2Frame(1, 0x5, stream, 'x'.repeat(String(request).length - 9)).slice(0, 9),
      );
      expect(told(session.received(bytes(http2Frame(3, 0, stream - 2, uint32Text(0)))))).toEqual([]);
      expect(told(session.received(bytes(http2Answer(stream) + http2Frame(3, 0, stream, uint32Text(0)))))).toEqual([
        { kind: 'answered' },
      ]);
    }
  });

  test('answers PING and SETTINGS, in one write for each piece, and takes acknowledgements as they come', () => {
    const asked = http2Frame(6, 0, 0, 'pingpong') + SETTINGS + http2Frame(6, 1, 0, 'ackacked') + ACK;
    expect(told(held().received(bytes(asked)))).toEqual([http2Frame(6, 1, 0, 'pingpong') + ACK]);
  });

  test('gives the peer room for more data once 16 KiB came', () => {
    const session = held();
    session.beat();
    const data = http2Frame(0, 0, 3, 'x'.repeat(16_000));
    expect(told(session.received(bytes(data)))).toEqual([]);
    expect(told(session.received(bytes(data)))).toEqual([http2Frame(8, 0, 0, uint32Text(32_000))]);
  });

  test.each<[number, string, Goodbye, string]>([
    [0, '', 'going_away', '0x00'],
    [0, 'max_age', 'max_age', '0x00'],
    [0, 'max_idle', 'idle_limit', '0x00'],
    [0, 'session_timed_out', 'idle_limit', '0x00'],
    [0, 'graceful_stop', 'admin_shutdown', '0x00'],
    [0, 'app_requested', 'admin_shutdown', '0x00'],
    [0, 'Server shutdown', 'admin_shutdown', '0x00'],
    [0, `${'x'.repeat(128)}max_age`, 'going_away', '0x00'],
    [1, 'max_age', 'protocol_error', '0x01'],
    [2, '', 'server_error', '0x02'],
    [11, 'too_many_pings', 'slow_down', '0x0b'],
    [12, '', 'protocol_error', '0x0c'],
    [0xffff_ffff, '', 'protocol_error', '0xffffffff'],
  ])('reads GOAWAY %i %j as %s, once', (code, text, goodbye, goodbyeCode) => {
    const session = held();
    const away = http2GoAway(code, text) + http2GoAway(0);
    expect(session.received(bytes(away))).toEqual([{ kind: 'goodbye', goodbye, code: goodbyeCode, then: 'weClose' }]);
    // A server of gRPC leaves once its PING behind the first GOAWAY is answered.
    expect(told(session.received(bytes(http2Frame(6, 0, 0, 'drainme!') + http2GoAway(0))))).toEqual([
      http2Frame(6, 1, 0, 'drainme!'),
    ]);
  });

  test('says GOAWAY before it leaves', () => {
    expect(opened().farewell()).toBeNull();
    const farewell = { bytes: bytes(http2GoAway(0)), awaited: false };
    const session = held();
    expect(session.farewell()).toEqual(farewell);
    session.received(bytes(http2GoAway(0)));
    expect(session.farewell()).toEqual(farewell);
  });

  test('reads on over frames that it does not know, priorities and room for data', () => {
    const session = held();
    session.beat();
    const others = http2Frame(2, 0, 3, 'prior') + http2Frame(0x55, 0, 0, '?') + http2Frame(8, 0, 0, uint32Text(1));
    expect(told(session.received(bytes(others + http2Answer(3))))).toEqual([{ kind: 'answered' }]);
  });
});

test.each([
  ['a frame of more than 16 KiB', '\0\x40\x01\0\0\0\0\0\x03'],
  ['settings of a stream', http2Frame(4, 0, 1)],
  ['half a setting', http2Frame(4, 0, 0, '\0\0\0\0\0')],
  ['an acknowledgement with settings', http2Frame(4, 1, 0, '\0\0\0\0\0\0')],
  ['a window of 2 GiB for streams', http2Frame(4, 0, 0, '\0\x04\x80\0\0\0')],
  ['room for more than 2 GiB', http2Frame(8, 0, 0, uint32Text(0x7fff_ffff))],
  ['room for more than 2 GiB on a stream', http2Frame(8, 0, 3, uint32Text(0x7fff_ffff))],
  ['room for nothing', http2Frame(8, 0, 0, uint32Text(0))],
  ['a short WINDOW_UPDATE', http2Frame(8, 0, 0, 'abc')],
  ['a short PING', http2Frame(6, 0, 0, 'short')],
  ['a PING of a stream', http2Frame(6, 0, 3, 'pingpong')],
  ['a short GOAWAY', http2Frame(7, 0, 0, 'short')],
  ['a GOAWAY of a stream', http2Frame(7, 0, 3, 'longer than that')],
  ['a short RST_STREAM', http2Frame(3, 0, 3, 'abc')],
  ['a stream that the server opens', http2Frame(1, 0x5, 2)],
  ['an answer that nobody asked for', http2Frame(1, 0x5, 5)],
  ['data of the connection', http2Frame(0, 0, 0, 'x')],
  ['headers of the connection', http2Frame(1, 0x5, 0)],
  ['a promise', http2Frame(5, 0x4, 3, uint32Text(2))],
  ['headers that nothing begins', http2Frame(9, 0x4, 3)],
  ['another frame within headers', http2Frame(1, 0, 3) + http2Frame(6, 0, 0, 'pingpong')],
  ['headers of another stream within headers', http2Frame(1, 0, 3) + http2Frame(9, 0x4, 1)],
  ['headers within headers', http2Frame(1, 0, 3) + http2Frame(1, 0x4, 3)],
  ['empty parts of headers without an end', http2Frame(1, 0, 3) + http2Frame(9, 0, 3).repeat(64)],
  ['headers of more than 64 KiB', http2Frame(1, 0, 3) + http2Frame(9, 0, 3, 'x'.repeat(16_000)).repeat(5)],
])('%s is broken at once', (_, text) => {
  const session = held();
  session.beat();
  expect(session.received(bytes(text))).toEqual([NOT_OURS]);
  expect(session.received(bytes(http2Answer(3)))).toEqual([]);
});

test.each([
  ['an acknowledgement before the settings', ACK],
  ['an answer before the settings', http2Answer(1)],
  ['settings of a stream', http2Frame(4, 0, 1)],
])('%s is no HTTP/2', (_, text) => {
  expect(opened().received(bytes(text))).toEqual([NOT_OURS]);
});

test.each([
  ['\x15\x03\x03\x00\x02\x02\x16', 'the peer answered with a TLS alert: the port wants TLS'],
  ['HTTP/1.1 400 Bad Request\r\n', 'the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'the peer speaks SSH'],
  ['220 mail ESMTP\r\n', 'the peer speaks SMTP or FTP'],
])('what is not HTTP/2 is called by its name, in whatever pieces it comes: %#', (text, name) => {
  const broken = [{ kind: 'broken', expected: `expected frames of HTTP/2; ${name}` }];
  expect(opened().received(bytes(text))).toEqual(broken);
  const session = opened();
  expect([...bytes(text)].flatMap((byte) => session.received(Uint8Array.of(byte)))).toEqual(broken);
});

test('it asks for no TLS and no hash', () => {
  const session = held();
  expect([session.secured(null), session.derived(new Uint8Array(32))]).toEqual([[], []]);
});

test('a flood of short frames is broken before it can hold the event loop, and a thousand are not', () => {
  const ping = http2Frame(6, 0, 0, 'pingpong');
  const pong = http2Frame(6, 1, 0, 'pingpong');
  const session = held();
  expect(told(session.received(bytes(ping.repeat(1000))))).toEqual([pong.repeat(1000)]);
  expect(session.received(bytes(ping.repeat(1001)))).toEqual([
    { kind: 'broken', expected: 'too many frames of HTTP/2 came at a time' },
  ]);
});

/** Recorded from servers; what they were asked is as above. */
const RECORDED = [
  {
    server: 'Node.js 24.21',
    hex:
      '000000040000000000' + // settings
      '00000004010000000000001f0105000000012008033430350f1296c361be9413aa693f75040138a0057197ee34da98b46f' + // 405
      '000016070000000000000000070000000b746f6f5f6d616e795f70696e6773', // too_many_pings
    steps: [{ kind: 'ready' }, { kind: 'goodbye', goodbye: 'slow_down', code: '0x0b', then: 'weClose' }],
  },
  {
    server: 'grpc-go 1.81',
    hex:
      '0000060400000000000005000040000000000401000000000000040800000000000000000500000806000000000002041010090e0707' +
      '00001001040000000120880f108b1d75d0620d263d4c4d65640000070000000000010000000002080100001801050000000100889acac8' +
      'b21234da8f013000899acac8b5254207317f00' + // SERVING, and trailers
      '00000f0700000000007fffffff000000006d61785f6167650000080600000000000106010800030309' + // max_age, and a PING
      '00000f07000000000000000005000000006d61785f616765', // the same again, with our last stream
    steps: [{ kind: 'ready' }, { kind: 'goodbye', goodbye: 'max_age', code: '0x00', then: 'weClose' }],
  },
];

test.each(RECORDED)('what $server said means the same in pieces of any size', ({ hex, steps }) => {
  const all = Uint8Array.from(Buffer.from(hex, 'hex'));
  const inPieces = (size: number): readonly Step[] => {
    const session = opened();
    const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
      all.subarray(n * size, (n + 1) * size),
    );
    return pieces.flatMap((piece) => session.received(piece)).filter(({ kind }) => kind !== 'send');
  };
  for (let size = 1; size <= all.length; size++) expect(inPieces(size), `pieces of ${size}`).toEqual(steps);
});
