import { createProtocol } from '../../../src/protocols/registry.ts';
import * as say from '../protocol-samples.ts';
import { OTHER_WORDS, SECRET, type SampleRows } from './session-sample.ts';

const HTTP_WORDS = [
  say.httpAnswer(103, 'Link: x') + say.httpAnswer(200, 'Keep-Alive: timeout=5, max=100', 'Connection: Keep-Alive'),
  say.httpAnswer(404, 'Content-Length: 5', 'X: folded', '\tagain'),
  say.httpAnswer(200, 'Connection: close'),
  `${say.httpAnswer(408, 'Connection: close')}<html>`,
];
const HTTP_MORE = [
  ...[100, 101, 200, 503].map((status) => say.httpAnswer(status)),
  'HTTP/1.0 200\r\n\r\n',
  'HTTP/1.1 20',
  '0 OK\r\nA: b\r',
  '\n\r\n',
  'SSH-2.0-x\r\n',
];
const HTTP2_MORE = [
  say.http2Frame(4, 1, 0),
  say.http2Frame(1, 0, 3),
  say.http2Frame(9, 4, 3),
  say.http2Frame(8, 0, 0, '\0\0\0\x01'),
  say.http2GoAway(11),
  OTHER_WORDS,
];

/** Servers of HTTP and what begins as HTTP. */
export const WEB_SAMPLES = {
  http: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'http', settings: say.httpSettings({ username: 'u' }) }),
      context: SECRET,
      words: HTTP_WORDS,
      more: HTTP_MORE,
    },
    {
      shape: 'with a value that is none',
      protocol: createProtocol({ name: 'http', settings: say.httpSettings() }),
      context: { password: 'two\nlines' },
      words: HTTP_WORDS,
    },
  ],
  websocket: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'websocket', settings: say.websocketSettings() }),
      words: [
        say.websocketHandshake('Server: x'),
        say.websocketFrame(0x01, 'part') + say.websocketFrame(0x89, 'ping') + say.websocketFrame(0x80, 'x'.repeat(200)),
        say.websocketFrame(0x8a, '\x01') + say.websocketFrame(0x8a, '\x02'),
        say.websocketFrame(0x82, 'x'.repeat(70)),
        say.websocketClose(1012, 'restart'),
      ],
      more: [
        say.websocketHandshake() + say.websocketFrame(0x89, 'ping') + say.websocketClose(1001),
        say.httpAnswer(101),
        say.httpAnswer(403),
        say.websocketFrame(0x89),
        say.websocketFrame(0x88),
        '\x8a',
        '\x01\x03',
        'SSH-2.0-x\r\n',
      ],
    },
    {
      shape: 'with a value that is none',
      protocol: createProtocol({ name: 'websocket', settings: say.websocketSettings() }),
      context: { password: 'two\nlines' },
      words: [say.websocketHandshake()],
    },
  ],
  http2: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'http2', settings: say.http2Settings() }),
      words: [
        say.http2Frame(4, 0, 0, '\0\x04\0\0\xff\xff') + say.http2Frame(8, 0, 0, '\0\x01\0\0'),
        say.http2Answer(1),
        say.http2Frame(6, 0, 0, 'pingpong') + say.http2Frame(1, 0, 3, 'abc') + say.http2Frame(9, 5, 3, 'def'),
        say.http2Answer(5),
        say.http2GoAway(0, 'max_age'),
        say.http2GoAway(0),
      ],
      more: HTTP2_MORE,
    },
  ],
  grpc: [
    {
      shape: 'of one service',
      protocol: createProtocol({ name: 'grpc', settings: say.grpcSettings({ service: 'shop.v1.Cart' }) }),
      words: [
        say.http2Frame(4, 0, 0, '\0\x04\0\0\0\x02') + say.grpcAnswer(1),
        say.http2Frame(8, 0, 3, '\0\0\0\x07') + say.grpcAnswer(3),
        say.http2Frame(3, 0, 5, '\0\0\0\x07'),
        say.grpcAnswer(7),
        say.http2GoAway(11, 'too_many_pings'),
      ],
      more: HTTP2_MORE,
    },
  ],
} satisfies SampleRows;
