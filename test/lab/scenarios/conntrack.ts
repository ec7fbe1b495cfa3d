import { keepalive, RETRIES_GIVE_UP, seldom, SLOW, writes, type Scenario } from '../scenario.ts';

const inLane = { lane: 'conntrack', repeat: SLOW } as const;
/** Forgets the scenario's entries, as a middlebox does that restarts or fails over. */
const forget = { run: ['conntrack', '-D', '-d', 'SUBNET'], in: 'middlebox' } as const;
const strict = { run: ['sysctl', '-q', '-w', 'net.netfilter.nf_conntrack_tcp_loose=0'], in: 'middlebox' } as const;
const loose = { run: ['sysctl', '-q', '-w', 'net.netfilter.nf_conntrack_tcp_loose=1'], in: 'middlebox' } as const;

/** Middleboxes that forget: a NAT with and without re-adoption, and idle limits. One after another: `loose` is one switch. */
export const CONNTRACK: readonly Scenario[] = [
  {
    ...inLane,
    id: 'C28',
    injected: 'NAT forgets the connection and adopts it again (loose), we write every 500 ms',
    group: writes(500),
    before: [{ firewall: 'tracked' }, { firewall: 'translated' }],
    steps: [loose, forget],
    twin: false,
    expect: { kind: 'none', forMs: 8000 },
  },
  {
    ...inLane,
    id: 'C29',
    injected: 'NAT forgets the connection and drops what it does not know, we write every 500 ms',
    group: writes(500),
    before: [{ firewall: 'tracked' }, { firewall: 'translated' }],
    steps: [strict, { firewall: 'invalid_drop' }, forget],
    expect: { kind: 'disconnect', verdict: 'error/retransmit_timeout', withinMs: RETRIES_GIVE_UP },
  },
  {
    ...inLane,
    id: 'C30',
    injected: 'NAT forgets the connection, the peer writes, we are silent, idle_timeout 3 s',
    group: { idle_timeout: '3s' },
    server: { push_every_ms: 500 },
    before: [{ firewall: 'tracked' }, { firewall: 'translated' }],
    steps: [strict, { firewall: 'invalid_drop' }, forget],
    twin: false,
    expect: { kind: 'disconnect', verdict: 'idle_timeout/no_data', withinMs: [2400, 4000], idleSeconds: [2.99, 3.5] },
    note: 'the middlebox resets the peer, and tells us nothing',
  },
  {
    ...inLane,
    id: 'C32',
    injected: 'middlebox with a 3 s idle limit resets what it has forgotten, we write every 6 s',
    group: writes(6000),
    before: [{ firewall: 'tracked' }, { firewall: 'idle_limit_3s' }],
    steps: [strict, { firewall: 'invalid_reset' }],
    twin: false,
    expect: {
      kind: 'disconnect',
      verdict: 'error/reset',
      withinMs: [-2, 7500],
      recurs: true,
      quietSeconds: [4.7, 6.5],
    },
  },
  {
    ...inLane,
    id: 'C31',
    injected: 'middlebox with a 3 s idle limit drops what it has forgotten, keepalive 5 s / 1 s / 2',
    group: { ...keepalive(5, 1, 2), ...seldom },
    before: [{ firewall: 'tracked' }, { firewall: 'idle_limit_3s' }],
    steps: [strict, { sync: true }, { firewall: 'invalid_drop' }],
    expect: {
      kind: 'disconnect',
      verdict: 'error/keepalive_timeout',
      withinMs: [5500, 9000],
      recurs: true,
      quietSeconds: [4, 5],
    },
    note: 'a limit that says nothing is met by a keepalive that is longer',
  },
  {
    ...inLane,
    id: 'C33',
    injected: 'the same with a 4 s limit and keepalive every 2 s',
    group: keepalive(2, 1, 2),
    before: [{ firewall: 'tracked' }, { firewall: 'idle_limit_4s' }],
    steps: [strict, { firewall: 'invalid_reset' }],
    expect: { kind: 'none', forMs: 9000 },
  },
];
