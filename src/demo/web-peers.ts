import { createHash } from 'node:crypto';
import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const BEATS = 'heartbeat: {interval: 1s, timeout: 900ms}';

/** Peers that speak just enough of HTTP/1.1 and of WebSocket to be held, and to say why they leave. */
export const WEB_PEERS: readonly DemoPeer[] = [
  {
    group: 'http-loses-backend',
    does: 'HTTP: a proxy whose server goes away after 3 s: it answers 503 by itself, and keeps us',
    expected: 'eof/goodbye',
    settings: ['protocol: http', BEATS],
    serve: httpThatLosesItsBackend,
  },
  {
    group: 'websocket-restarts',
    does: 'WebSocket: answers pings, and after 4 s says close 1012 (restart) and closes',
    expected: 'eof/fin',
    settings: ['protocol: websocket', BEATS],
    serve: websocketThatRestarts,
  },
];

function httpThatLosesItsBackend({ socket, after }: DemoConnection): void {
  let status = '200 OK';
  after(3000, () => (status = '503 Service Unavailable'));
  // Each request of ours comes whole: it is short, and nothing else is on its way.
  socket.on('data', () => socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const ACCEPTED_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [PING, PONG] = [0x89, 0x8a];
const RESTART = Buffer.of(0x88, 2, 1012 >> 8, 1012 & 0xff);

function websocketThatRestarts({ socket, after }: DemoConnection): void {
  socket.once('data', (request) => {
    const [, key = ''] = /^Sec-WebSocket-Key: (\S+)/m.exec(request.toString('latin1')) ?? [];
    const accepted = createHash('sha1').update(`${key}${ACCEPTED_SUFFIX}`).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accepted}`].join('\r\n')}\r\n\r\n`);
    socket.on('data', (frame) => answer(frame));
  });
  after(4000, () => socket.write(RESTART));

  /** A ping of ours has one byte behind its mask; whatever else comes is a close. */
  function answer([first, , mask = 0, , , , masked = 0]: Buffer): void {
    if (first === PING) socket.write(Buffer.of(PONG, 1, masked ^ mask));
    else socket.end();
  }
}
