import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const BEATS = 'heartbeat: {interval: 1s, timeout: 900ms}';

/** Peers that speak just enough of a protocol to be logged in to, and to say why they refuse or leave. */
export const LOGIN_PEERS: readonly DemoPeer[] = [
  {
    group: 'redis-is-full',
    does: 'Redis: refuses the login, its maxclients are reached',
    expected: 'protocol/rejected',
    settings: ['protocol: redis'],
    serve: ({ socket }) => void socket.end('-ERR max number of clients reached\r\n'),
  },
  {
    group: 'postgres-stops',
    does: 'PostgreSQL: takes the login, and is stopped after 4 s (57P01)',
    expected: 'eof/fin',
    settings: ['protocol: postgres', 'postgres: {username: demo}', BEATS],
    serve: postgresThatStops,
  },
  {
    group: 'http2-reloads',
    does: 'HTTP/2: answers, and after 4 s says GOAWAY and closes, as nginx does for a reload',
    expected: 'eof/fin',
    settings: ['protocol: http2', BEATS],
    serve: http2ThatReloads,
  },
  {
    group: 'grpc-sends-away',
    does: 'gRPC: says GOAWAY for too many pings, and leaves the closing to us',
    expected: 'eof/goodbye',
    settings: ['protocol: grpc', BEATS],
    serve: grpcThatSendsAway,
  },
];

/** AuthenticationOk, and ReadyForQuery outside a transaction: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const LOGGED_IN = message('R', '\0\0\0\0');
const READY = message('Z', 'I');
const STOPPED = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');

function postgresThatStops({ socket, after }: DemoConnection): void {
  let isLoggedIn = false;
  // Each message of ours comes whole: it is short, and nothing else is on its way. The first logs in, the others are Sync.
  socket.on('data', () => {
    if (socket.writableEnded) return; // the farewell
    if (!isLoggedIn) socket.write(LOGGED_IN, 'latin1');
    isLoggedIn = true;
    socket.write(READY, 'latin1');
  });
  after(4000, () => socket.end(STOPPED, 'latin1'));
}

/** A message of PostgreSQL: its type, its length without the type, its content. */
function message(type: string, content: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(length.length + content.length);
  return type + length.toString('latin1') + content;
}

const [HEADERS, SETTINGS, GOAWAY] = [1, 4, 7];
const END = 0x5;
/** By the server's table: https://www.rfc-editor.org/rfc/rfc7541#appendix-A */
const STATUS_200 = '\x88';
const NO_ERROR = '\0\0\0\0';
const ENHANCE_YOUR_CALM = '\0\0\0\x0b';

/** Answers each of our requests, which come whole: the first with settings before it. */
function answerStreams({ socket }: DemoConnection): void {
  socket.once('data', () => socket.write(frame({ type: SETTINGS }), 'latin1'));
  let stream = 1;
  socket.on('data', (bytes) => {
    // Requests have headers, acknowledgements and farewells are shorter.
    if (socket.writableEnded || bytes.length < 20) return;
    socket.write(frame({ type: HEADERS, flags: END, stream }, STATUS_200), 'latin1');
    stream += 2;
  });
}

function http2ThatReloads(connection: DemoConnection): void {
  answerStreams(connection);
  connection.after(4000, () => connection.socket.end(frame({ type: GOAWAY }, `\0\0\0\0${NO_ERROR}`), 'latin1'));
}

function grpcThatSendsAway(connection: DemoConnection): void {
  answerStreams(connection);
  const payload = `\0\0\0\0${ENHANCE_YOUR_CALM}too_many_pings`;
  connection.after(3000, () => connection.socket.write(frame({ type: GOAWAY }, payload), 'latin1'));
}

type FrameHead = { readonly type: number; readonly flags?: number; readonly stream?: number };

/** A frame of HTTP/2, less than 256 bytes long: https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
function frame({ type, flags = 0, stream = 0 }: FrameHead, payload = ''): string {
  return String.fromCharCode(0, 0, payload.length, type, flags, 0, 0, 0, stream) + payload;
}
