import { FAST, keepalive, SLOW, writes, type Scenario } from '../scenario.ts';

/** An end that takes one round trip. The tight figure is the delay beyond the kernel's; this is only the outer bound. */
export const SOON = [-2, 1000] as const;

const quick = { lane: 'fast', repeat: FAST } as const;
const fin = { kind: 'disconnect', verdict: 'eof/fin', withinMs: SOON } as const;
const reset = { kind: 'disconnect', verdict: 'error/reset', withinMs: SOON } as const;

/** Behind bytes that do not drain a FIN never leaves: closed with RST, or the kernel keeps the bytes for long. */
export const nothingLeft: NonNullable<Scenario['check']> = (_, { sockets }) =>
  sockets.includes('FIN-WAIT-1') ? 'the socket is still there (FIN-WAIT-1)' : null;

/** Ends that the peer's own kernel makes: closes, resets, deaths of the process. */
export const ENDS: readonly Scenario[] = [
  { ...quick, id: 'C01', injected: 'peer closes, nothing unread', steps: [{ server: ['close'] }], expect: fin },
  {
    ...quick,
    id: 'C02',
    injected: 'peer closes with 10 bytes of ours unread',
    group: writes(60_000, 10),
    server: { unread: true },
    steps: [{ server: ['close'] }],
    expect: reset,
  },
  { ...quick, id: 'C03', injected: 'peer closes with SO_LINGER 0', steps: [{ server: ['rst'] }], expect: reset },
  {
    ...quick,
    id: 'C04',
    injected: 'peer process killed (SIGKILL), nothing unread',
    server: { process: 'silent' },
    steps: [{ server: ['kill SIGKILL'] }],
    expect: fin,
  },
  {
    ...quick,
    id: 'C05',
    injected: 'peer process killed (SIGKILL) with 10 bytes of ours unread',
    group: writes(60_000, 10),
    server: { process: 'silent' },
    steps: [{ server: ['kill SIGKILL'] }],
    expect: reset,
  },
  {
    ...quick,
    id: 'C06',
    injected: 'peer shuts down its sending side only and keeps reading',
    steps: [{ server: ['fin'] }],
    expect: fin,
  },
  {
    ...quick,
    id: 'C07',
    injected: 'FIN, and a RST 1 ms later',
    server: { unread: true },
    steps: [{ server: ['fin', 'sleep 1', 'rst'] }],
    expect: fin,
  },
  { ...quick, id: 'C07b', injected: 'FIN and RST back to back', steps: [{ server: ['fin', 'rst'] }], expect: fin },
  {
    ...quick,
    id: 'C10',
    injected: '100 bytes and RST back to back',
    steps: [{ server: ['write 100', 'rst'] }],
    expect: reset,
    note: 'libuv before 1.52 hands the reset over as an end of stream',
  },
  {
    ...quick,
    id: 'C12',
    injected: '100 bytes and FIN back to back',
    steps: [{ server: ['write 100', 'close'] }],
    expect: fin,
    check: (_, { metric }) => {
      const bytes = metric('finrst_received_bytes_total');
      return bytes === 100 ? null : `${bytes} bytes received, not 100`;
    },
  },
  {
    ...quick,
    id: 'C58',
    injected: '100 kB that nobody asked for, and FIN behind them',
    steps: [{ server: ['write 100000', 'close'] }],
    expect: fin,
    note: 'a client that does not read never sees this FIN',
  },
  {
    ...quick,
    id: 'C44',
    injected: 'forged RST, exact sequence number',
    steps: [{ server: ['rawrst 0'] }],
    expect: reset,
  },
  {
    id: 'C45',
    injected: 'forged RST, 100 bytes ahead but in the window',
    repeat: FAST,
    steps: [{ server: ['rawrst 100'] }],
    expect: { kind: 'none', forMs: 2000 },
  },
  {
    id: 'C45b',
    injected: 'forged RST far outside the window',
    repeat: FAST,
    steps: [{ server: [`rawrst ${2 ** 30}`] }],
    expect: { kind: 'none', forMs: 2000 },
  },
  {
    ...quick,
    id: 'C50',
    injected: 'peer accepts and closes at once',
    server: { on_accept: ['close'] },
    steps: [],
    twin: false,
    expect: fin,
  },
  {
    ...quick,
    id: 'C50b',
    injected: 'peer accepts and resets at once',
    server: { on_accept: ['rst'] },
    steps: [],
    twin: false,
    expect: reset,
    note: 'Node.js reports `connect ECONNRESET` or a connection and `read ECONNRESET`, at random',
  },
  {
    ...quick,
    id: 'C39',
    injected: '`ss -K` on our socket',
    steps: [{ killSockets: 'client' }],
    expect: { kind: 'disconnect', verdict: 'error/aborted', withinMs: SOON },
  },
  { ...quick, id: 'C40', injected: '`ss -K` on the peer’s socket', steps: [{ killSockets: 'server' }], expect: reset },
  {
    id: 'C43',
    injected: 'peer process stopped (SIGSTOP), keepalive 1 s: its kernel still answers',
    repeat: SLOW,
    group: keepalive(1, 1, 3),
    server: { process: 'silent' },
    steps: [{ server: ['kill SIGSTOP'] }],
    expect: { kind: 'none', forMs: 6000 },
  },
  {
    id: 'C43b',
    injected: 'chatty peer process stopped (SIGSTOP), idle_timeout 3 s',
    repeat: SLOW,
    group: { idle_timeout: '3s', ...keepalive(1, 1, 3) },
    server: { process: 'chatty' },
    steps: [{ server: ['kill SIGSTOP'] }],
    twin: false,
    expect: { kind: 'disconnect', verdict: 'idle_timeout/no_data', withinMs: [2400, 4000], idleSeconds: [2.99, 3.5] },
  },
  {
    id: 'C41',
    injected: 'peer never reads while we write 64 KiB every 20 ms, write_timeout 3 s',
    repeat: 5,
    group: {
      heartbeat: { send: 'x'.repeat(65_536), interval: '20ms' },
      write_timeout: '3s',
      reconnect: { initial: '60s', max: '60s' },
    },
    server: { unread: true, rcvbuf: 4096 },
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'disconnect', verdict: 'idle_timeout/write_stalled', withinMs: [0, 0], recurs: true },
    check: nothingLeft,
  },
  {
    id: 'C48',
    injected: 'a proxy in the middlebox closes both sides after 2 s without a byte',
    repeat: SLOW,
    before: [{ firewall: 'tracked' }, { firewall: 'idle_proxy' }],
    steps: [],
    twin: false,
    expect: {
      kind: 'disconnect',
      verdict: 'eof/fin',
      withinMs: [0, 0],
      recurs: true,
      idleSeconds: [1.95, 2.5],
      quietSeconds: [1.95, 2.5],
    },
  },
  {
    id: 'C00',
    injected: 'nothing (control)',
    repeat: FAST,
    steps: [],
    expect: { kind: 'none', forMs: 10_000 },
  },
];
