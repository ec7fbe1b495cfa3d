import { SMALL_WINDOW_PORT } from './addresses.ts';
import { keepalive, writes, type Firewall, type Scenario, type ServerPlan } from './scenario.ts';

/** How one peer is harmed. What stays in the way of later attempts is healed once the end was reported. */
export type Harm =
  | { readonly server: readonly string[] }
  | { readonly firewall: Firewall }
  /** Look-ups of our own route find nothing. */
  | { readonly route: 'gone' }
  | { readonly kill: 'socket' };

export type MixedFault = {
  readonly name: string;
  readonly harm: Harm;
  /** The right verdict. More than one only where a byte under way at that moment decides, which the injector cannot see. */
  readonly verdicts: readonly string[];
};

/** Peers of one kind: what is configured for them, and what may happen to them. */
export type MixedKind = {
  readonly name: string;
  readonly peers: number;
  readonly group: Readonly<Record<string, unknown>>;
  readonly server?: ServerPlan;
  readonly port?: number;
  readonly faults: readonly MixedFault[];
};

const server = (name: string, verdict: string, ...ops: readonly string[]): MixedFault => ({
  name,
  harm: { server: ops },
  verdicts: [verdict],
});
const firewall = (name: Firewall, ...verdicts: readonly string[]): MixedFault => ({
  name: name.replaceAll('_', ' '),
  harm: { firewall: name },
  verdicts,
});
const routeGone = (...verdicts: readonly string[]): MixedFault => ({
  name: 'route gone',
  harm: { route: 'gone' },
  verdicts,
});

const FIN = server('FIN', 'eof/fin', 'fin');
const RST = server('RST', 'error/reset', 'rst');
const DATA_RST = server('100 bytes and RST', 'error/reset', 'write 100', 'rst');
const DATA_FIN = server('100 bytes and FIN', 'eof/fin', 'write 100', 'fin');
const FIN_RST = server('FIN and RST', 'eof/fin', 'fin', 'rst');
const KILLED: MixedFault = { name: 'ss -K', harm: { kill: 'socket' }, verdicts: ['error/aborted'] };
const SIMPLE: readonly MixedFault[] = [FIN, RST, KILLED];
const WITH_DATA: readonly MixedFault[] = [DATA_RST, DATA_FIN, FIN_RST];
const ON_THE_WAY: readonly Firewall[] = ['black_hole', 'drop_requests', 'drop_answers'];
const SILENCE: readonly Firewall[] = [...ON_THE_WAY, 'own_drop'];
const silence = (verdict: string): readonly MixedFault[] => SILENCE.map((name) => firewall(name, verdict));
const answered = { heartbeat: { send: 'PING\r\n', interval: '1s', expect: '+PONG', timeout: '1s' } };
/** What this host refuses is given up 1.3 s after the write (tcp_retries2 = 2 counts probes), 0.3 s after the deadline. */
const REFUSED_HERE = ['idle_timeout/no_reply', 'error/retransmit_timeout'] as const;
const tls = (version: '1.2' | '1.3'): MixedKind => ({
  name: `tls-${version.replace('.', '-')}`,
  peers: 30,
  group: { tls: { server_name: 'lab.test', ca_file: 'CERTIFICATES/ca.pem' } },
  server: { tls: { version } },
  faults: [
    ...SIMPLE,
    server('close_notify and FIN', 'eof/close_notify', 'close_notify', 'fin'),
    server('close_notify and RST', 'eof/close_notify', 'close_notify', 'rst'),
    server('fatal alert', 'error/tls_alert', 'alert'),
    server('fatal alert and RST', 'error/tls_alert', 'alert', 'rst'),
    server('garbage', 'error/tls_error', 'garbage'),
    server('data and RST', 'error/reset', 'say_tls', 'rst'),
  ],
});

export const KINDS: readonly MixedKind[] = [
  {
    name: 'writing',
    peers: 60,
    group: writes(500),
    faults: [
      ...SIMPLE,
      ...WITH_DATA,
      ...silence('error/retransmit_timeout'),
      firewall('reject_reset', 'error/reset'),
      firewall('reject_host_unreachable', 'error/host_unreachable'),
      firewall('reject_net_unreachable', 'error/network_unreachable'),
      firewall('reject_port_unreachable', 'error/port_unreachable'),
      firewall('own_reject', 'error/port_unreachable'),
      routeGone('error/retransmit_timeout', 'error/network_unreachable'),
    ],
  },
  {
    name: 'answered',
    peers: 60,
    group: answered,
    server: { reply: '+PONG\r\n' },
    faults: [
      ...SIMPLE,
      ...WITH_DATA,
      server('no more answers', 'idle_timeout/no_reply', 'hush'),
      server('other answers', 'error/protocol', 'reply_with -ERR\r\n'),
      ...ON_THE_WAY.map((name) => firewall(name, 'idle_timeout/no_reply')),
      firewall('own_drop', ...REFUSED_HERE),
      firewall('reject_reset', 'error/reset'),
      routeGone(...REFUSED_HERE),
    ],
  },
  {
    name: 'silent',
    peers: 60,
    group: keepalive(1, 1, 2),
    faults: [
      ...SIMPLE,
      ...WITH_DATA,
      server('forged RST', 'error/reset', 'rawrst 0'),
      ...silence('error/keepalive_timeout'),
      firewall('reject_reset', 'error/reset'),
      firewall('reject_host_unreachable', 'error/keepalive_timeout'),
      routeGone('error/keepalive_timeout'),
    ],
  },
  {
    name: 'listening',
    peers: 40,
    group: { idle_timeout: '2s' },
    server: { push_every_ms: 500 },
    faults: [
      ...SIMPLE,
      DATA_RST,
      FIN_RST,
      server('no more data', 'idle_timeout/no_data', 'hush'),
      firewall('black_hole', 'idle_timeout/no_data'),
      firewall('drop_answers', 'idle_timeout/no_data'),
    ],
  },
  {
    name: 'filling',
    peers: 20,
    group: { ...writes(1000, 40_000), user_timeout: '2s' },
    port: SMALL_WINDOW_PORT,
    faults: [
      ...SIMPLE,
      server('stops reading', 'error/retransmit_timeout', 'stop_reading'),
      firewall('black_hole', 'error/retransmit_timeout'),
    ],
  },
  {
    name: 'process',
    peers: 20,
    group: answered,
    server: { process: 'answering' },
    faults: [
      // A heartbeat that the process had not read yet makes the kernel reset.
      { name: 'SIGKILL', harm: { server: ['kill SIGKILL'] }, verdicts: ['eof/fin', 'error/reset'] },
      server('SIGSTOP', 'idle_timeout/no_reply', 'kill SIGSTOP'),
      firewall('drop_requests', 'idle_timeout/no_reply'),
    ],
  },
  tls('1.2'),
  tls('1.3'),
];

/** Attempts begin again at once: the more faults a run sees. */
const RECONNECT = { reconnect: { initial: '100ms', max: '500ms' } };

/** The kinds as scenarios without steps of their own: held like all others. */
export function mixedScenarios(): readonly Scenario[] {
  return KINDS.map(({ name, peers, group, server: plan, port }) => ({
    id: `mixed-${name}`,
    injected: 'faults at random',
    repeat: peers,
    group: { ...RECONNECT, ...group },
    ...(plan === undefined ? {} : { server: plan }),
    ...(port === undefined ? {} : { port }),
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connects' },
  }));
}
