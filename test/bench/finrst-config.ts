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
};

type Fleet = {
  readonly network: string;
  readonly port: number;
  readonly peers: number;
  readonly tls: boolean;
  readonly heartbeatMs: number;
};

/** The configuration of a run: every default but the pace of connects and reconnects, which all holders share. */
export function writeConfig({ network, port, peers, tls, heartbeatMs, ...more }: Fleet & ConfigOptions): string {
  const { keepalive = '{idle: 7200s, interval: 10s, count: 3}', sampleInterval, tracing, idleTimeout } = more;
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
  if (heartbeatMs > 0) {
    lines.push(`    heartbeat: {send: 'PING\\r\\n', expect: '+PONG', interval: ${heartbeatMs}ms, timeout: 5s}`);
  }
  lines.push('    static_configs:', '      - targets:');
  for (let i = 0; i < peers; i++) lines.push(`          - ${network}.${i >> 8}.${i & 255}:${port}`);
  return [...lines, ''].join('\n');
}
