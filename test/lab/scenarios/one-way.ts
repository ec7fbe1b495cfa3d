import { afterwardsOnly } from './first-answer.ts';
import { keepalive, LOST_WRITE, RETRIES_GIVE_UP, seldom, SLOW, writes, type Scenario } from '../scenario.ts';

const slow = { repeat: SLOW, plain: false } as const;
const ends = (verdict: string, withinMs: readonly [number, number]) =>
  ({ kind: 'disconnect', verdict, withinMs }) as const;
const answered = (bytes = 6) => ({
  heartbeat: { send: `PING${'x'.repeat(bytes - 6)}\r\n`, interval: '1s', expect: '+PONG', timeout: '1s' },
});
const PROBES_1_1_3 = [2500, 6000] as const;
const DEADLINE = [900, 2600] as const;

/** Paths that are dead in one direction, or for large packets only. */
export const ONE_WAY: readonly Scenario[] = [
  {
    ...slow,
    id: 'P01',
    injected: 'only what we send is lost, the peer goes on pushing, we write every 500 ms',
    group: writes(500),
    server: { push_every_ms: 200 },
    steps: [{ firewall: 'drop_requests' }],
    expect: ends('error/retransmit_timeout', RETRIES_GIVE_UP),
  },
  {
    ...slow,
    id: 'P01b',
    injected: 'only what we send is lost, the peer goes on pushing, heartbeat every 1 s, answer expected within 1 s',
    group: answered(),
    server: { reply: '+PONG\r\n', push_every_ms: 50 },
    steps: [{ firewall: 'drop_requests' }],
    twinSees: LOST_WRITE,
    expect: ends('idle_timeout/no_reply', DEADLINE),
    note: 'what arrived cannot be an answer: the heartbeat was never acknowledged',
  },
  {
    ...slow,
    id: 'P01c',
    injected: 'only what we send is lost, idle, keepalive 1 s / 1 s / 3',
    group: keepalive(1, 1, 3),
    steps: [{ sync: true }, { firewall: 'drop_requests' }],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'P02',
    injected: 'only what the peer sends is lost, we write every 500 ms',
    group: writes(500),
    steps: [{ firewall: 'drop_answers' }],
    expect: ends('error/retransmit_timeout', RETRIES_GIVE_UP),
  },
  {
    ...slow,
    id: 'P02b',
    injected: 'only what the peer sends is lost, heartbeat every 1 s, answer expected within 1 s',
    group: answered(),
    server: { reply: '+PONG\r\n' },
    steps: [{ firewall: 'drop_answers' }],
    twinSees: LOST_WRITE,
    expect: ends('idle_timeout/no_reply', DEADLINE),
  },
  {
    ...slow,
    id: 'P02c',
    injected: 'only what the peer sends is lost, idle, keepalive 1 s / 1 s / 3',
    group: keepalive(1, 1, 3),
    steps: [{ sync: true }, { firewall: 'drop_answers' }],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'P02d',
    injected: 'only what the peer sends is lost, it pushes twice a second, we are silent, idle_timeout 3 s',
    group: { idle_timeout: '3s' },
    server: { push_every_ms: 500 },
    steps: [{ firewall: 'drop_answers' }],
    twin: false,
    expect: { ...ends('idle_timeout/no_data', [2400, 4000]), idleSeconds: [2.99, 3.5] },
  },
  {
    ...slow,
    id: 'P03',
    injected: 'packets above 1,000 bytes are dropped without a word, we write 4,000 bytes every 500 ms',
    group: { ...writes(500, 4000), ...seldom },
    steps: [{ firewall: 'drop_large' }],
    expect: { ...ends('error/retransmit_timeout', RETRIES_GIVE_UP), recurs: true },
  },
  {
    ...slow,
    id: 'P03b',
    injected:
      'packets above 1,000 bytes are dropped without a word, heartbeat of 4,000 bytes every 1 s, answer expected within 1 s',
    group: { ...answered(4000), ...seldom },
    server: { reply: '+PONG\r\n' },
    steps: [{ firewall: 'drop_large' }],
    twinSees: LOST_WRITE,
    expect: { ...ends('idle_timeout/no_reply', DEADLINE), unackedBytes: [4000, 4000] },
    check: afterwardsOnly('connect_failed protocol/timeout'),
  },
  {
    ...slow,
    id: 'P03d',
    injected: 'as P03b, and the peer goes on pushing small packets, which arrive',
    group: { ...answered(4000), ...seldom },
    server: { reply: '+PONG\r\n', push_every_ms: 200 },
    steps: [{ firewall: 'drop_large' }],
    twinSees: LOST_WRITE,
    expect: { ...ends('idle_timeout/no_reply', DEADLINE), unackedBytes: [4000, 4000] },
    check: afterwardsOnly('connect_failed protocol/timeout'),
    note: 'what arrived cannot be an answer: the heartbeat was never acknowledged',
  },
  {
    ...slow,
    id: 'P03c',
    injected:
      'packets above 1,000 bytes are dropped without a word, we write 5 bytes every 500 ms, keepalive 1 s / 1 s / 3',
    group: { ...writes(500), ...keepalive(1, 1, 3) },
    steps: [{ firewall: 'drop_large' }],
    expect: { kind: 'none', forMs: 6000 },
  },
  {
    ...slow,
    id: 'P04',
    injected:
      'the path shrinks to 1,000 bytes and says so (ICMP fragmentation needed), we write 4,000 bytes every 500 ms',
    group: writes(500, 4000),
    steps: [{ run: ['ip', 'route', 'replace', 'SUBNET', 'via', '10.77.2.2', 'mtu', '1000'], in: 'middlebox' }],
    expect: { kind: 'none', forMs: 5000 },
    check: (k, { held }) => {
      const bytes = held('daemon', k)?.receivedBytes ?? 0;
      return bytes > 10 * 4000 ? null : `${bytes} bytes arrived: nothing got through afterwards`;
    },
  },
];
