import { CLOSED_PORT, PORT } from '../addresses.ts';
import { FAST, SLOW, type AddressAt, type DnsAnswer, type Firewall, type Scenario } from '../scenario.ts';
import { SOON } from './ends.ts';

/** Attempts that must fail, phase and reason known; none may ever be called a disconnect. */
const fails = (phase: 'dns' | 'tcp', reason: string) =>
  ({
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connectFailure', phase, reason, withinMs: 12_000 },
  }) as const;
/** Look-ups that hang occupy the resolver's few threads: fewer of them, or they would starve each other. */
const HANGING = 3;

const named = (
  word: string,
  answer: (k: number, at: AddressAt) => DnsAnswer,
  port = PORT,
): Pick<Scenario, 'name' | 'target'> => ({
  name: (k, at) => [`${word}-${k}.lab.test`, answer(k, at)],
  target: (k) => `${word}-${k}.lab.test:${port}`,
});

const behind = (id: string, firewall: Firewall, what: string, reason: string): Scenario => ({
  id,
  injected: `connect: ${what}`,
  repeat: FAST,
  group: { connect_timeout: '2s' },
  before: [{ firewall }],
  dialled: what.includes('ICMP') ? 'soft' : 'seen',
  ...fails('tcp', reason),
});

/** The SYN that is answered is the second one, which no system call waits for. */
const late = (row: Scenario): Scenario => ({
  ...row,
  id: `${row.id}b`,
  injected: `${row.injected}, the first SYN lost`,
  before: [{ firewall: 'lose_first' }, ...(row.before ?? [])],
  dialled: 'seen',
});

const routed = (id: string, kind: 'prohibit' | 'unreachable', reason: string): Scenario => ({
  id,
  injected: `connect: our own route to the peer says ${kind}`,
  repeat: SLOW,
  before: [{ run: ['ip', 'route', 'replace', kind, 'SUBNET'], in: 'client' }],
  dialled: 'unseen',
  ...fails('tcp', reason),
});

/** Without a route the middlebox would answer for it (ICMP net unreachable), now and then. */
const swallows = (network: string) =>
  ({ run: ['ip', 'route', 'replace', 'blackhole', network], in: 'middlebox' }) as const;

const REJECTED: readonly Scenario[] = [
  behind('F03', 'reject_port_unreachable', 'rejected with ICMP port unreachable', 'refused'),
  behind('F04', 'reject_host_unreachable', 'rejected with ICMP host unreachable', 'host_unreachable'),
  behind('F05', 'reject_net_unreachable', 'rejected with ICMP network unreachable', 'network_unreachable'),
  behind('F06', 'reject_admin_prohibited', 'rejected with ICMP administratively prohibited', 'host_unreachable'),
];

export const CONNECTS: readonly Scenario[] = [
  {
    id: 'F01',
    injected: 'connect: nobody listens',
    repeat: FAST,
    port: CLOSED_PORT,
    dialled: 'seen',
    ...fails('tcp', 'refused'),
  },
  behind('F02', 'reject_reset', 'rejected with a TCP reset', 'refused'),
  ...REJECTED,
  ...REJECTED.map(late),
  behind('F07', 'black_hole', 'dropped, connect_timeout 2 s', 'timeout'),
  {
    id: 'F08',
    injected: 'connect: no route to the peer',
    repeat: FAST,
    target: (k) => `10.99.0.${k + 1}:${PORT}`,
    ...fails('tcp', 'network_unreachable'),
  },
  {
    id: 'F09',
    injected: 'connect: source_address is not ours',
    repeat: FAST,
    group: { source_address: '10.200.0.1' },
    ...fails('tcp', 'address_unavailable'),
  },
  behind('F10', 'own_drop', 'dropped by our own firewall, connect_timeout 2 s', 'timeout'),
  behind('F11', 'own_reject', 'rejected by our own firewall (ICMP port unreachable)', 'refused'),
  routed('F12', 'prohibit', 'prohibited'),
  routed('F13', 'unreachable', 'host_unreachable'),
  {
    id: 'F14',
    injected: 'connect: the next hop does not answer ARP',
    repeat: SLOW,
    link: true,
    before: [{ run: ['ip', 'addr', 'del', 'GATEWAY/24', 'dev', 'LINK'], in: 'middlebox' }],
    dialled: 'seen',
    ...fails('tcp', 'host_unreachable'),
  },
  {
    id: 'D01',
    injected: 'DNS: the name does not exist',
    repeat: FAST,
    ...named('nowhere', () => 'nxdomain'),
    ...fails('dns', 'not_found'),
  },
  {
    id: 'D02',
    injected: 'DNS: the server fails (SERVFAIL)',
    repeat: FAST,
    ...named('failing', () => 'servfail'),
    ...fails('dns', 'temporary'),
  },
  {
    id: 'D03',
    injected: 'DNS: no answer, connect_timeout 1 s',
    repeat: HANGING,
    group: { connect_timeout: '1s' },
    ...named('mute', () => 'mute'),
    ...fails('dns', 'timeout'),
  },
  {
    id: 'D04',
    injected: 'DNS: two addresses, both refuse',
    repeat: FAST,
    ...named('refusing', (k, at) => [at('daemon', k), at('twin', k)], CLOSED_PORT),
    ...fails('tcp', 'refused'),
  },
  {
    id: 'D05',
    injected: 'DNS: two addresses, the first has no route',
    repeat: FAST,
    ...named('halfway', (k, at) => ['10.99.0.1', at('daemon', k)]),
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connects' },
  },
  {
    id: 'D06',
    injected: 'DNS: two addresses, one black-holed, the other refuses, connect_timeout 3 s',
    repeat: FAST,
    group: { connect_timeout: '3s' },
    before: [swallows('10.98.0.0/24')],
    ...named('mixed', (k, at) => [`10.98.0.${k + 1}`, at('daemon', k)], CLOSED_PORT),
    ...fails('tcp', 'timeout'),
    note: 'the one that is still pending at the deadline decides',
  },
  {
    id: 'D08',
    injected: 'DNS: two addresses, the first black-holed',
    repeat: SLOW,
    before: [swallows('10.98.0.0/24')],
    ...named('limping', (k, at) => [`10.98.0.${k + 1}`, at('daemon', k)]),
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connects' },
    check: (k, { log }) =>
      log.some((line) => / tried=/.test(line) && line.includes(`10.98.0.${k + 1}:`))
        ? null
        : `no log line says that 10.98.0.${k + 1} was tried: ${log.join(' | ')}`,
    note: 'the log line names the dead one',
  },
  {
    id: 'D07',
    injected: 'DNS: the answer changes while held, 2 s later the peer closes',
    repeat: FAST,
    ...named('moving', (k, at) => [at('daemon', k)]),
    steps: [{ dns: (k, at) => [`moving-${k}.lab.test`, [at('twin', k)]] }, { wait: 2000 }, { server: ['close'] }],
    twin: false,
    plain: false,
    expect: { kind: 'disconnect', verdict: 'eof/fin', withinMs: SOON },
    check: (k, { held }) =>
      held('twin', k) === undefined ? 'the next connection did not go to the new address' : null,
    note: 'held until the end; the next connection goes to the new address',
  },
];
