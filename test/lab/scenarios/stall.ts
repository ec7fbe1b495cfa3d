import { FAST, keepalive, type Scenario } from '../scenario.ts';

/** What happens to the peers while the daemon is stopped (SIGSTOP for 5 s, then SIGCONT), a third of the repeats at a time. */
const during = { repeat: FAST, twin: false, plain: false } as const;
/** The event comes when the daemon runs again. */
const AFTER_STALL = [0, 8000] as const;
const ends = (verdict: string) => ({ expect: { kind: 'disconnect', verdict, withinMs: AFTER_STALL } }) as const;
const held = { expect: { kind: 'none', forMs: 0 }, steps: [] } as const;
const heartbeat = { heartbeat: { send: 'PING\r\n', interval: '1s', expect: '+PONG', timeout: '500ms' } };

export const STALL: readonly Scenario[] = [
  {
    ...during,
    ...held,
    id: 'S01',
    injected: 'nothing; the peer speaks twice a second, idle_timeout 2 s',
    group: { idle_timeout: '2s' },
    server: { push_every_ms: 500 },
  },
  {
    ...during,
    ...held,
    id: 'S02',
    injected: 'nothing; the peer answers each heartbeat, timeout 500 ms',
    group: heartbeat,
    server: { reply: '+PONG\r\n' },
  },
  { ...during, ...held, id: 'S03', injected: 'nothing; keepalive 1 s / 1 s / 3', group: keepalive(1, 1, 3) },
  { ...during, id: 'S04', injected: 'peer closes', steps: [{ server: ['close'] }], ...ends('eof/fin') },
  { ...during, id: 'S05', injected: 'peer resets', steps: [{ server: ['rst'] }], ...ends('error/reset') },
  {
    ...during,
    id: 'S06',
    injected: '100 bytes, then RST (C09)',
    steps: [{ server: ['write 100', 'rst'] }],
    ...ends('error/reset'),
  },
  {
    ...during,
    id: 'S07',
    injected: 'FIN, then RST (C08)',
    steps: [{ server: ['fin', 'rst'] }],
    ...ends('eof/fin'),
  },
  {
    ...during,
    id: 'S08',
    injected: 'as many bytes as the buffers take (up to 300 kB), then RST',
    steps: [{ server: ['write 300000', 'rst'] }],
    ...ends('error/reset'),
  },
  {
    ...during,
    id: 'S09',
    injected: 'the peer falls silent, idle_timeout 2 s',
    group: { idle_timeout: '2s' },
    server: { push_every_ms: 500 },
    steps: [{ server: ['hush'] }],
    ...ends('idle_timeout/no_data'),
  },
  {
    ...during,
    id: 'S10',
    injected: 'the peer stops answering heartbeats, timeout 500 ms',
    group: heartbeat,
    server: { reply: '+PONG\r\n' },
    steps: [{ server: ['hush'] }],
    ...ends('idle_timeout/no_reply'),
  },
];
