import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const ANSWERED_HEARTBEAT = "heartbeat: {send: 'PING\\n', interval: 1s, expect: '+PONG', timeout: 900ms}";
const PONG = '+PONG\n';
/** Enough to need several reads: the reset behind data must not be taken for the end of the stream. */
const DATA_BEFORE_RESET = Buffer.alloc(200_000, 'x');
/** 64 KiB every 25 ms are 2.6 MB/s: a flood for a connection that expects nothing, a trifle for one core. */
const FLOOD_PIECE = Buffer.alloc(65_536, 'x');
const FLOOD_PAUSE_MS = 25;
/** Peers that spoil their answers give the right one this many times first: without the first one there is no connection. */
const GOOD_ANSWERS = 1;

/** Peers that speak no TLS. */
export const PLAIN_PEERS: readonly DemoPeer[] = [
  {
    group: 'stays-up',
    does: 'answers every heartbeat',
    expected: null,
    settings: [ANSWERED_HEARTBEAT],
    serve: (connection) => answer(connection, () => PONG),
  },
  {
    group: 'floods',
    does: 'sends 2.6 MB a second, which are counted and dropped',
    expected: null,
    settings: [],
    serve: flood,
  },
  {
    group: 'closes',
    does: 'closes in order after 3 s',
    expected: 'eof/fin',
    settings: [],
    serve: ({ socket, after }) => after(3000, () => socket.end()),
  },
  {
    group: 'resets',
    does: 'resets after 4 s',
    expected: 'error/reset',
    settings: [],
    serve: ({ socket, after }) => after(4000, () => socket.resetAndDestroy()),
  },
  {
    group: 'resets-behind-data',
    does: 'after 3 s sends 200 kB and resets at once',
    expected: 'error/reset',
    settings: [],
    serve: ({ socket, after }) =>
      after(3000, () => {
        socket.write(DATA_BEFORE_RESET);
        socket.resetAndDestroy();
      }),
  },
  {
    group: 'falls-silent',
    does: 'greets, then says nothing more (idle_timeout 4s)',
    expected: 'idle_timeout/no_data',
    settings: ['idle_timeout: 4s'],
    serve: ({ socket }) => void socket.write('hello\n'),
  },
  {
    group: 'stops-answering',
    does: 'answers the first heartbeat, then none',
    expected: 'idle_timeout/no_reply',
    settings: [ANSWERED_HEARTBEAT],
    serve: (connection) => answer(connection, (count) => (count <= GOOD_ANSWERS ? PONG : null)),
  },
  {
    group: 'answers-wrongly',
    does: 'answers the first heartbeat, then with an error',
    expected: 'error/protocol',
    settings: [ANSWERED_HEARTBEAT],
    serve: (connection) => answer(connection, (count) => (count <= GOOD_ANSWERS ? PONG : '-ERR loading\n')),
  },
  {
    group: 'stops-reading',
    does: 'never reads what we send (write_timeout 2s)',
    expected: 'idle_timeout/write_stalled',
    // 32 KiB every 20 ms fill the kernel's buffers on loopback (a few MB at most) within seconds.
    settings: ['write_timeout: 2s', `heartbeat: {send: '${'x'.repeat(32_768)}', interval: 20ms}`],
    serve: ({ socket }) => void socket.pause(),
  },
  {
    group: 'grows-old',
    does: 'would stay up, but max_connection_age is 5s: we close',
    expected: 'local/max_age',
    settings: ['max_connection_age: 5s'],
    serve: () => undefined,
  },
  {
    group: 'refuses',
    does: 'nothing listens on its port',
    expected: 'tcp/refused',
    settings: [],
    serve: null,
  },
];

function answer({ socket }: DemoConnection, reply: (count: number) => string | null): void {
  let count = 0;
  socket.on('data', (bytes) => {
    // One line per heartbeat; on loopback a line is never cut in two.
    for (const byte of bytes) {
      if (byte !== 0x0a) continue;
      count += 1;
      const text = reply(count);
      if (text !== null) socket.write(text);
    }
  });
}

function flood({ socket, after }: DemoConnection): void {
  const next = () => {
    if (!socket.writableNeedDrain) socket.write(FLOOD_PIECE);
    after(FLOOD_PAUSE_MS, next);
  };
  next();
}
