import { type Scenario, type ServerPlan, FAST } from '../scenario.ts';
import { SOON } from './ends.ts';

/** `CERTIFICATES` becomes the folder of this run. */
const trusted = { server_name: 'lab.test', ca_file: 'CERTIFICATES/ca.pem' };
const VERSIONS = ['1.2', '1.3'] as const;
type Version = (typeof VERSIONS)[number];
type Row = Omit<Scenario, 'id' | 'group' | 'server' | 'repeat'>;

const ends = (verdict: string): Pick<Scenario, 'expect'> => ({
  expect: { kind: 'disconnect', verdict, withinMs: SOON },
});

/** One row for each version of TLS. */
function both(id: string, row: (version: Version) => Row, settings: object = {}): readonly Scenario[] {
  return VERSIONS.map((version) => ({
    lane: 'fast',
    repeat: FAST,
    ...row(version),
    id: `${id}-${version}`,
    group: { tls: { ...trusted, ...settings } },
    server: { tls: { version } },
  }));
}

/** A handshake that fails. No twin, no plain client: there is no connection. */
function fails(id: string, injected: string, reason: string, tls: ServerPlan['tls'], settings: object = {}): Scenario {
  return {
    id,
    injected,
    repeat: FAST,
    group: { tls: { ...trusted, ...settings }, connect_timeout: '3s' },
    server: { tls: { always: true, ...tls! } },
    steps: [],
    twin: false,
    plain: false,
    expect: { kind: 'connectFailure', phase: 'tls', reason, withinMs: 10_000 },
  };
}

export const TLS: readonly Scenario[] = [
  ...both('C51', (version) => ({
    injected: `TLS ${version}: close_notify, then FIN`,
    steps: [{ server: ['close_notify', 'close'] }],
    ...ends('eof/close_notify'),
  })),
  ...both('C51b', (version) => ({
    injected: `TLS ${version}: close_notify without FIN`,
    steps: [{ server: ['close_notify'] }],
    ...ends('eof/close_notify'),
  })),
  ...both('C51c', (version) => ({
    injected: `TLS ${version}: close_notify and RST back to back`,
    steps: [{ server: ['close_notify', 'rst'] }],
    ...ends('eof/close_notify'),
  })),
  ...both('C52', (version) => ({
    injected: `TLS ${version}: FIN without close_notify`,
    steps: [{ server: ['close'] }],
    ...ends('eof/fin'),
  })),
  ...both(
    'C52b',
    (version) => ({
      injected: `TLS ${version}: FIN without close_notify, expect_close_notify`,
      steps: [{ server: ['close'] }],
      ...ends('error/tls_truncated'),
    }),
    { expect_close_notify: true },
  ),
  ...both('C53', (version) => ({
    injected: `TLS ${version}: a record of garbage`,
    steps: [{ server: ['garbage'] }],
    ...ends('error/tls_error'),
  })),
  ...both('C54', (version) => ({
    injected: `TLS ${version}: fatal alert (bad_record_mac)`,
    steps: [{ server: ['alert'] }],
    ...ends('error/tls_alert'),
  })),
  ...both('C54b', (version) => ({
    injected: `TLS ${version}: RST`,
    steps: [{ server: ['rst'] }],
    ...ends('error/reset'),
  })),
  ...both('C54c', (version) => ({
    injected: `TLS ${version}: 100 bytes and RST back to back`,
    steps: [{ server: ['say_tls', 'rst'] }],
    ...ends('error/reset'),
  })),
  ...both('C54d', (version) => ({
    injected: `TLS ${version}: fatal alert and RST back to back`,
    steps: [{ server: ['alert', 'rst'] }],
    ...ends('error/tls_alert'),
  })),
  {
    id: 'C55',
    injected: 'TLS 1.3: server wants a client certificate, we have none',
    repeat: FAST,
    group: { tls: trusted },
    server: { tls: { version: '1.3', client_certificate: true } },
    steps: [],
    twin: false,
    ...ends('error/tls_alert'),
    note: 'the refusal comes after our handshake is done: a connection that died, not a failed attempt',
  },
  fails('C55b', 'TLS 1.2: server wants a client certificate, we have none', 'alert', {
    version: '1.2',
    client_certificate: true,
  }),
  fails('T01', 'certificate of an unknown authority', 'certificate', { version: '1.3', certificate: 'stranger' }),
  fails('T02', 'certificate for another name', 'hostname', { version: '1.3' }, { server_name: 'other.test' }),
  fails(
    'T03',
    'server speaks TLS 1.2 only, min_version TLS13',
    'version',
    { version: '1.2' },
    { min_version: 'TLS13' },
  ),
  fails('T04', 'server does not speak TLS', 'not_tls', { version: '1.3', hello: 'plain' }),
  fails('T05', 'server closes at our ClientHello', 'eof', { version: '1.3', hello: 'eof' }),
  fails('T06', 'server resets at our ClientHello', 'reset', { version: '1.3', hello: 'rst' }),
  {
    ...fails('T08', 'packets above 1,000 bytes are dropped without a word', 'timeout', { version: '1.3' }),
    before: [{ firewall: 'drop_large' }],
    note: 'our ClientHello is the first large one',
  },
  fails('T07', 'server is silent after our ClientHello', 'timeout', { version: '1.3', hello: 'mute' }),
];
