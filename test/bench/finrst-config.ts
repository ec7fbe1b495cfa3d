import { CONNECTS_PER_SECOND } from './connect-rate.ts';

/** What a part of the bench asks of Finrst beyond the usual. */
export type ConfigOptions = {
  /** As in the file, `{idle: 20s, interval: 2s, count: 2}`. `default`: not in the file. Absent: so long that no probe is sent. */
  readonly keepalive?: string;
  /** Absent: the default of 15 s. */
  readonly sampleInterval?: string;
  /** Base URL of an OTLP receiver; absent: no spans. */
  readonly tracing?: string;
  /** Applied to held connections as they are; two values make two configurations. */
  readonly idleTimeout?: string;
  /** Peers come from the file `TARGETS_FILE` beside the configuration, through rules. Absent: they stand in the configuration. */
  readonly discovered?: boolean;
  /** What to log in by, with heartbeats of its own; absent: nothing. */
  readonly protocol?: BenchProtocol;
};

/** The protocols that the server of the bench answers. */
export const BENCH_PROTOCOLS = ['redis', 'postgres'] as const;
export type BenchProtocol = (typeof BENCH_PROTOCOLS)[number];

type Fleet = {
  readonly network: string;
  readonly port: number;
  readonly peers: number;
  readonly tls: boolean;
  readonly heartbeatMs: number;
};

/** The configuration of a run: every default but the pace of connects and reconnects, which all holders share. */
export function writeConfig({ network, port, peers, tls, heartbeatMs, ...more }: Fleet & ConfigOptions): string {
  const { keepalive = '{idle: 7200s, interval: 10s, count: 3}', sampleInterval, tracing, idleTimeout, protocol } = more;
  const addresses = addressesOf({ network, port, peers });
  const lines = [
    'global:',
    `  max_connects_per_second: ${CONNECTS_PER_SECOND}`,
    '  reconnect: {initial: 1s, max: 1s}',
    '  metrics: {detail: full}',
    ...(keepalive === 'default' ? [] : [`  keepalive: ${keepalive}`]),
    ...(sampleInterval === undefined ? [] : [`  sample_interval: ${sampleInterval}`]),
    ...(idleTimeout === undefined ? [] : [`  idle_timeout: ${idleTimeout}`]),
    ...(tracing === undefined ? [] : ['tracing:', `  endpoint: ${tracing}`]),
    ...(peers === 0 ? ['groups: []'] : ['groups:', '  - name: bench']),
  ];
  if (peers === 0) return [...lines, ''].join('\n');
  if (tls) lines.push('    tls: {insecure_skip_verify: true}');
  if (protocol !== undefined) {
    lines.push(`    protocol: ${protocol}`, '    heartbeat: {interval: 10s, timeout: 5s}');
    if (protocol === 'postgres') lines.push('    postgres: {username: bench}');
  }
  if (heartbeatMs > 0) {
    lines.push(`    heartbeat: {send: 'PING\\r\\n', expect: '+PONG', interval: ${heartbeatMs}ms, timeout: 5s}`);
  }
  if (more.discovered === true) lines.push(`    file_sd_configs: [{files: [${TARGETS_FILE}]}]`, ...RULES);
  else lines.push('    static_configs:', '      - targets:', ...addresses.map((address) => `          - ${address}`));
  return [...lines, ''].join('\n');
}

/** Where discovered peers are listed. */
export const TARGETS_FILE = 'targets.json';
/** Endpoint slices have so many. */
const TARGETS_IN_A_LIST = 100;
const RULES = [
  '    relabel_configs:',
  "      - {source_labels: [phase], regex: 'Running|Pending', action: keep}",
  "      - {source_labels: [namespace, pod], separator: /, regex: 'ns-(.*)', target_label: owner}",
  '      - {regex: annotation_.*, action: labeldrop}',
];

/** The lists of a source: 100 targets each, with the labels that pods usually have. */
export function targetLists({ network, port, peers }: Pick<Fleet, 'network' | 'port' | 'peers'>): string {
  const all = addressesOf({ network, port, peers });
  const lists = Array.from({ length: Math.ceil(peers / TARGETS_IN_A_LIST) }, (_, index) => ({
    targets: all.slice(index * TARGETS_IN_A_LIST, (index + 1) * TARGETS_IN_A_LIST),
    labels: {
      namespace: `ns-${index % 20}`,
      pod: `app-${index}-7c9f8d6b5-x2k4q`,
      node: `node-${index % 50}`,
      phase: 'Running',
      app: `app-${index}`,
      team: `team-${index % 7}`,
      zone: `zone-${index % 3}`,
      version: '1.2.3',
      annotation_checksum: 'd41d8cd98f00b204e9800998ecf8427e',
      annotation_restarted_at: '2026-01-01T00:00:00Z',
    },
  }));
  return JSON.stringify(lists);
}

function addressesOf({ network, port, peers }: Pick<Fleet, 'network' | 'port' | 'peers'>): readonly string[] {
  return Array.from({ length: peers }, (_, index) => `${network}.${index >> 8}.${index & 255}:${port}`);
}
