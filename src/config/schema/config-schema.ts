import { isIP } from 'node:net';
import { z } from 'zod';
import { METRIC_DETAILS } from '../../settings/global-settings.ts';
import {
  count,
  duration,
  escapedBytes,
  fieldNotes,
  filePath,
  oneOf,
  text,
  wholeSeconds,
  yesOrNo,
} from './field-schemas.ts';
import { isHostName } from '../../text/host-port.ts';

/** struct tcp_sock keeps the keepalive timers in 16 bits and the count in 8, signed (linux/tcp.h MAX_TCP_KEEPIDLE, MAX_TCP_KEEPCNT). */
const KEEPALIVE_SECONDS = [1, 32_767] as const;
const KEEPALIVE_COUNT = [1, 127] as const;
/** TCP_USER_TIMEOUT is a signed int of milliseconds. */
const LONGEST_USER_TIMEOUT_MS = 2 ** 31 - 1;

const keepaliveIdle = wholeSeconds(...KEEPALIVE_SECONDS).describe('Silence before the first probe.');
const keepaliveInterval = wholeSeconds(...KEEPALIVE_SECONDS).describe('Time between unanswered probes.');
const keepaliveCount = count(...KEEPALIVE_COUNT).describe('Unanswered probes that end the connection.');
const KEEPALIVE_NOTES = { expected: 'a map with idle, interval and count, or false' };
const KEEPALIVE_DESCRIPTION = 'TCP keepalive probes: {idle, interval, count}, or false (off) to leave the path silent.';

const reconnectInitial = duration({ atLeastMs: 1 }).describe('Ceiling of the first delay; at most max.');
const reconnectMax = duration({ atLeastMs: 1 }).describe('Ceiling of every delay.');
const RECONNECT_NOTES = { expected: 'a map with initial and max' };
const RECONNECT_DESCRIPTION =
  'Delay before the next attempt: full jitter under a ceiling that doubles from initial to max while attempts fail or connections are short.';

const sourceAddress = z
  .string()
  .refine((address) => address === '' || isIP(address) !== 0)
  .register(fieldNotes, { expected: 'an IPv4 or IPv6 address without a port, or ""' });

/** Keys that stand in `global` as defaults and in a group as its own. */
const peerFields = {
  connect_timeout: duration({ atLeastMs: 1 }).describe(
    'Deadline of one attempt: dns, tcp, tls and the first protocol step together.',
  ),
  idle_timeout: duration().describe(
    'Give up after this long without a received byte; 0s = never. What we write and keepalive probes do not count.',
  ),
  write_timeout: duration().describe(
    'Give up when bytes that the full kernel buffer keeps in this process have not drained for this long; 0s = never.',
  ),
  user_timeout: duration({ atMostMs: LONGEST_USER_TIMEOUT_MS }).describe(
    "TCP_USER_TIMEOUT: how long sent data may stay unacknowledged; 0s = the kernel's default, about 15 minutes.",
  ),
  max_connection_age: duration().describe('Close and reconnect after this age, give or take 10 %; 0s = never.'),
  sample_interval: duration({ atLeastMs: 1000, orZero: true }).describe(
    'How often TCP_INFO of each held socket is read; 0s = only at the end.',
  ),
  ip_family: oneOf(['any', 'ipv4', 'ipv6']).describe('Which addresses of a name are used.'),
  source_address: sourceAddress.describe('Local address to connect from; "" = the kernel chooses.'),
};

const globalSchema = z
  .strictObject({
    connect_timeout: peerFields.connect_timeout.prefault('5s'),
    idle_timeout: peerFields.idle_timeout.prefault('0s'),
    write_timeout: peerFields.write_timeout.prefault('30s'),
    keepalive: z
      .union([
        z.literal(false),
        z.literal('off'),
        z.strictObject({
          idle: keepaliveIdle.prefault('60s'),
          interval: keepaliveInterval.prefault('10s'),
          count: keepaliveCount.prefault(3),
        }),
      ])
      .register(fieldNotes, KEEPALIVE_NOTES)
      .describe(KEEPALIVE_DESCRIPTION)
      .prefault({}),
    user_timeout: peerFields.user_timeout.prefault('0s'),
    reconnect: z
      .strictObject({ initial: reconnectInitial.prefault('1s'), max: reconnectMax.prefault('60s') })
      .register(fieldNotes, RECONNECT_NOTES)
      .describe(RECONNECT_DESCRIPTION)
      .prefault({}),
    max_connection_age: peerFields.max_connection_age.prefault('0s'),
    sample_interval: peerFields.sample_interval.prefault('15s'),
    ip_family: peerFields.ip_family.prefault('any'),
    source_address: peerFields.source_address.prefault(''),
    max_connects_per_second: count(1, 1_000_000).describe('Attempts per second of the whole process.').prefault(200),
    max_connections: count(0, 10_000_000)
      .describe(
        'Connections of the whole process; 0 = what the descriptor limit allows, less a reserve for the web server.',
      )
      .prefault(0),
    metrics: z
      .strictObject({
        detail: oneOf(METRIC_DETAILS).describe('How many per-peer families are exported.').prefault('full'),
      })
      .register(fieldNotes, { expected: 'a map with detail' })
      .describe('What is exported.')
      .prefault({}),
  })
  .register(fieldNotes, { expected: 'a map of settings' })
  .describe('Process-wide settings, and defaults for every group.');

const heartbeat = z
  .strictObject({
    send: escapedBytes()
      .optional()
      .describe(
        'What is sent: \\r \\n \\t \\\\ \\xHH are decoded after YAML, nothing is appended. At most 64 KiB. Either this or send_file.',
      ),
    send_file: filePath().optional().describe('File whose bytes are sent as they are. At most 64 KiB.'),
    interval: duration({ atLeastMs: 10 })
      .describe('The first send is at once when established, then from send to send.')
      .prefault('10s'),
    expect: escapedBytes()
      .optional()
      .describe(
        'Bytes that must appear in what arrives after the send, in however many pieces. Written like send. Without it no answer is needed.',
      ),
    timeout: duration({ atLeastMs: 1 })
      .optional()
      .describe(
        'How long the answer may take, counted from the write. At most interval; only with expect. Default 5s, or interval where that is less.',
      ),
  })
  .register(fieldNotes, { expected: 'a map with send or send_file' });

const tls = z
  .strictObject({
    server_name: z
      .string()
      .refine((name) => name === '' || isHostName(name))
      .register(fieldNotes, { expected: 'a host name without a port' })
      .optional()
      .describe('Name for SNI and verification. Default: the host of the target; for an IP address no SNI is sent.'),
    ca_file: filePath().optional().describe('PEM file of certificate authorities; replaces the bundled ones.'),
    cert_file: filePath().optional().describe('PEM file of our certificate and its chain; with key_file.'),
    key_file: filePath().optional().describe('PEM file of our private key; with cert_file.'),
    min_version: oneOf(['TLS12', 'TLS13']).describe('Lowest TLS version.').prefault('TLS12'),
    insecure_skip_verify: yesOrNo().describe('Do not verify the certificate of the peer.').prefault(false),
    expect_close_notify: yesOrNo()
      .describe('Call an end without close_notify error/tls_truncated instead of eof/fin.')
      .prefault(false),
  })
  .register(fieldNotes, { expected: 'a map; {} turns TLS on with its defaults' });

const staticConfig = z
  .strictObject({
    targets: z
      .array(text('HOST:PORT, as a string'))
      .register(fieldNotes, { expected: 'a list of HOST:PORT' })
      .describe('Peers as HOST:PORT; IPv6 addresses in brackets.'),
    labels: z
      .record(z.string(), text('a string'))
      .register(fieldNotes, { expected: 'a map of label names to strings' })
      .optional()
      .describe('Labels of these targets, shown on finrst_peer_info.'),
  })
  .register(fieldNotes, { expected: 'a map with targets' });

const groupSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .register(fieldNotes, { expected: 'a name of a-z, 0-9 and -' })
      .describe('Name of the group, unique; the group label of its metrics.'),
    connect_timeout: peerFields.connect_timeout.optional(),
    idle_timeout: peerFields.idle_timeout.optional(),
    write_timeout: peerFields.write_timeout.optional(),
    keepalive: z
      .union([
        z.literal(false),
        z.literal('off'),
        z.strictObject({
          idle: keepaliveIdle.optional(),
          interval: keepaliveInterval.optional(),
          count: keepaliveCount.optional(),
        }),
      ])
      .register(fieldNotes, KEEPALIVE_NOTES)
      .describe(KEEPALIVE_DESCRIPTION)
      .optional(),
    user_timeout: peerFields.user_timeout.optional(),
    reconnect: z
      .strictObject({ initial: reconnectInitial.optional(), max: reconnectMax.optional() })
      .register(fieldNotes, RECONNECT_NOTES)
      .describe(RECONNECT_DESCRIPTION)
      .optional(),
    max_connection_age: peerFields.max_connection_age.optional(),
    sample_interval: peerFields.sample_interval.optional(),
    ip_family: peerFields.ip_family.optional(),
    source_address: peerFields.source_address.optional(),
    heartbeat: heartbeat.optional().describe('Proves that the peer itself answers, and keeps the path warm.'),
    tls: tls
      .optional()
      .describe('Presence turns TLS on. Files are read again at each connect; sessions are not resumed.'),
    static_configs: z
      .array(staticConfig)
      .register(fieldNotes, { expected: 'a list of maps with targets and labels' })
      .optional()
      .describe('Targets and their labels, in the shape of Prometheus.'),
  })
  .register(fieldNotes, { expected: 'a map with name' });

const tracing = z
  .strictObject({
    endpoint: z
      .string()
      .refine((endpoint) => endpoint === '' || isHttpUrl(endpoint))
      .register(fieldNotes, { expected: 'an http:// or https:// URL without query, like http://otel-collector:4318' })
      .prefault('')
      .describe('Base URL of an OTLP/HTTP receiver; /v1/traces is appended.'),
    headers_file: filePath()
      .prefault('')
      .describe('File of headers to send, one key=value a line; # begins a comment line.'),
    ca_file: filePath().prefault('').describe('PEM file of certificate authorities of the receiver.'),
    cert_file: filePath().prefault('').describe('PEM file of our certificate; with key_file.'),
    key_file: filePath().prefault('').describe('PEM file of our private key; with cert_file.'),
    compression: oneOf(['gzip', 'none']).prefault('gzip').describe('Compression of what is sent.'),
    timeout: duration({ atLeastMs: 1 }).prefault('10s').describe('Deadline of one export.'),
    sampling_ratio: z
      .number()
      .min(0)
      .max(1)
      .register(fieldNotes, { expected: 'a number from 0 to 1' })
      .prefault(1)
      .describe('Share of connects and clean ends that is recorded; abnormal ends are never sampled away.'),
  })
  .register(fieldNotes, { expected: 'a map of settings' });

/** The one schema of the configuration file: keys, types, bounds, defaults, descriptions. Rules between keys are elsewhere. */
export const configSchema = z
  .strictObject({
    global: globalSchema.prefault({}),
    tracing: tracing.optional().describe('Where spans are sent. The OTEL_* environment variables win over it.'),
    groups: z
      .array(groupSchema)
      .register(fieldNotes, { expected: 'a list of groups; [] for none' })
      .describe('Peers that share settings.'),
  })
  .register(fieldNotes, { expected: 'a map with global, tracing and groups' });

export type GlobalValues = z.output<typeof globalSchema>;
export type GroupValues = z.output<typeof groupSchema>;
export type HeartbeatValues = z.output<typeof heartbeat>;
export type TlsValues = z.output<typeof tls>;
export type TracingValues = z.output<typeof tracing>;

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.search === '' && url.hash === '';
}
