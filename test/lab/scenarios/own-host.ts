import { keepalive, SLOW, writes, type Scenario } from '../scenario.ts';

const slow = { repeat: SLOW, plain: false } as const;
const ends = (verdict: string, withinMs: readonly [number, number]) =>
  ({ kind: 'disconnect', verdict, withinMs }) as const;
/** No back-off for what fails on this host: it gives up earlier than on the path. */
const LOCAL_GIVE_UP = [1200, 5000] as const;
/** What was written from the fault until the kernel gave up, 5 bytes every 500 ms. */
const FEW = [5, 25] as const;
const PROBES_1_1_3 = [2500, 6000] as const;
const fullQueue = {
  run: ['tc', 'qdisc', 'replace', 'dev', 'LINK', 'root', 'tbf', 'rate', '8bit', 'burst', '1600', 'limit', '1'],
  in: 'client',
} as const;
const emptyQueue = { run: ['tc', 'qdisc', 'del', 'dev', 'LINK', 'root'], in: 'client' } as const;
const routeGone = { run: ['ip', 'route', 'del', 'SUBNET'], in: 'client' } as const;
const noAnswerToArp = { run: ['ip', 'addr', 'del', 'GATEWAY/24', 'dev', 'LINK'], in: 'middlebox' } as const;
const forgotten = { run: ['ip', 'neigh', 'flush', 'dev', 'LINK'], in: 'client' } as const;
const becomesSilent = { reload: { heartbeat: undefined } } as const;
/** What this host refuses is given up after 1.3 s here, user_timeout or not: a deadline well before that. */
const answered = { heartbeat: { send: 'PING\r\n', interval: '1s', expect: '+PONG', timeout: '500ms' } };
const keep = keepalive(1, 1, 3);

/** What this host does to its own packets: rules, queues, routes, neighbours, links. */
export const OWN_HOST: readonly Scenario[] = [
  {
    ...slow,
    id: 'H01',
    injected: 'our own firewall drops what we send, we write every 500 ms',
    group: writes(500),
    steps: [{ firewall: 'own_drop' }],
    expect: { ...ends('error/retransmit_timeout', LOCAL_GIVE_UP), unackedBytes: FEW },
  },
  {
    ...slow,
    id: 'H01b',
    injected: 'our own firewall drops what we send, idle, keepalive 1 s / 1 s / 3',
    group: keep,
    steps: [{ sync: true }, { firewall: 'own_drop' }],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'H01c',
    injected: 'our own firewall drops what we send, heartbeat every 1 s, answer expected within 500 ms',
    group: answered,
    server: { reply: '+PONG\r\n' },
    steps: [{ firewall: 'own_drop' }],
    twin: false,
    expect: { ...ends('idle_timeout/no_reply', [400, 2600]), unackedBytes: [6, 6] },
  },
  {
    ...slow,
    id: 'H02',
    injected:
      'our own firewall drops what we send for 0.6 s while we write every 200 ms; healed, all arrives; we fall silent, the path is black-holed, keepalive 1 s / 1 s / 3',
    group: { ...writes(200), ...keep },
    steps: [
      { firewall: 'own_drop' },
      { wait: 600 },
      { heal: 'own_drop' },
      { wait: 1000 },
      becomesSilent,
      { wait: 1000 },
      { firewall: 'black_hole' },
    ],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'H03',
    injected: 'our own firewall rejects what we send (ICMP port unreachable), we write every 500 ms',
    group: writes(500),
    steps: [{ firewall: 'own_reject' }],
    expect: { ...ends('error/port_unreachable', LOCAL_GIVE_UP), unackedBytes: FEW },
  },
  {
    ...slow,
    id: 'H03b',
    injected: 'our own firewall rejects what we send with a TCP reset, we write every 500 ms',
    group: writes(500),
    steps: [{ firewall: 'own_reset' }],
    expect: ends('error/reset', [-2, 1500]),
  },
  {
    ...slow,
    id: 'H04',
    injected: 'the queue of our own interface is full and stays full, we write every 500 ms',
    link: true,
    group: writes(500),
    steps: [fullQueue],
    expect: { ...ends('error/retransmit_timeout', LOCAL_GIVE_UP), unackedBytes: FEW },
  },
  {
    ...slow,
    id: 'H04b',
    injected:
      'the queue of our own interface is full for 0.6 s while we write every 200 ms, then empty; we fall silent, the path is black-holed, keepalive 1 s / 1 s / 3',
    link: true,
    group: { ...writes(200), ...keep },
    steps: [
      fullQueue,
      { wait: 600 },
      emptyQueue,
      { wait: 1000 },
      becomesSilent,
      // Until the last retransmission has arrived: its wait doubled while the queue was full.
      { wait: 3500 },
      { firewall: 'black_hole' },
    ],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'H05',
    injected: 'our route to the peer removed while a write of ours is unacknowledged',
    group: writes(300),
    steps: [{ firewall: 'drop_answers' }, { wait: 500 }, routeGone],
    expect: { ...ends('error/network_unreachable', [0, 5000]), unackedBytes: [5, 80] },
    note: 'the retransmission finds no route; a write that is not under way yet finds none either and says nothing (C37)',
  },
  {
    ...slow,
    id: 'H05b',
    injected: 'our route to the peer removed, idle, keepalive 1 s / 1 s / 3',
    group: keep,
    steps: [{ sync: true }, routeGone],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'H05c',
    injected: 'our route to the peer removed, idle, no keepalive',
    steps: [routeGone],
    expect: { kind: 'none', forMs: 8000 },
  },
  {
    ...slow,
    id: 'H05d',
    injected: 'a prohibit route in the place of ours, we write every 500 ms',
    group: writes(500),
    steps: [{ run: ['ip', 'route', 'replace', 'prohibit', 'SUBNET'], in: 'client' }],
    expect: { ...ends('error/retransmit_timeout', LOCAL_GIVE_UP), unackedBytes: FEW },
  },
  {
    ...slow,
    id: 'H05e',
    injected: 'a prohibit route in the place of ours while a write of ours is unacknowledged',
    group: writes(300),
    steps: [
      { firewall: 'drop_answers' },
      { wait: 500 },
      { run: ['ip', 'route', 'replace', 'prohibit', 'SUBNET'], in: 'client' },
    ],
    twinSees: 'EACCES',
    expect: { ...ends('error/prohibited', [0, 5000]), unackedBytes: [5, 80] },
  },
  {
    ...slow,
    id: 'H06',
    injected: 'the next hop is gone (no answer to ARP), we write every 500 ms',
    link: true,
    group: writes(500),
    steps: [noAnswerToArp, forgotten],
    expect: ends('error/host_unreachable', LOCAL_GIVE_UP),
  },
  {
    ...slow,
    id: 'H06b',
    injected: 'the next hop is gone (no answer to ARP), idle, keepalive 1 s / 1 s / 3',
    link: true,
    group: keep,
    steps: [{ sync: true }, noAnswerToArp, forgotten],
    expect: ends('error/keepalive_timeout', PROBES_1_1_3),
  },
  {
    ...slow,
    id: 'H07',
    injected: 'our own link is down, we write every 500 ms',
    link: true,
    group: writes(500),
    steps: [{ run: ['ip', 'link', 'set', 'LINK', 'down'], in: 'client' }],
    expect: { ...ends('error/retransmit_timeout', LOCAL_GIVE_UP), unackedBytes: FEW },
  },
  {
    ...slow,
    id: 'H07b',
    injected: 'the far end of our link is down (no carrier), we write every 500 ms',
    link: true,
    group: writes(500),
    steps: [{ run: ['ip', 'link', 'set', 'LINK', 'down'], in: 'middlebox' }],
    expect: { ...ends('error/host_unreachable', LOCAL_GIVE_UP), unackedBytes: FEW },
    note: 'a link without carrier forgets its neighbours',
  },
];
