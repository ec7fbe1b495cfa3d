import { choiceFlag, durationFlag, fileFlag, listFlag, numberFlag, switchFlag, textFlag } from './flag.ts';

/** More processes than this do not share one configuration; a slip of the keyboard must not leave peers unheld. */
const MOST_SHARDS = 1000;

/** The flags of `serve`, in the order the help shows them. */
export const SERVE_FLAGS = {
  'config.file': {
    ...textFlag('finrst.yml', 'FILE', 'Configuration file. Read again on SIGHUP and when its content changes.'),
    completes: 'files',
  },
  'config.check': switchFlag('Only check the configuration: print every problem, exit 0 or 1.'),
  'config.auto-reload-interval': durationFlag(
    15_000,
    'How often to look whether the content of the configuration file changed; 0s: never.',
  ),
  'web.listen-address': listFlag(
    [':10346'],
    'ADDRESS',
    'Address to serve metrics on: :PORT (all addresses), HOST:PORT or [IPV6]:PORT.',
  ),
  'web.config.file': fileFlag(
    'TLS, authentication and headers of our own web server, in the format of the Prometheus exporter-toolkit.',
  ),
  'web.telemetry-path': textFlag('/metrics', 'PATH', 'Path of the metrics.'),
  'web.external-url': textFlag(
    null,
    'URL',
    'The URL under which Finrst is reached from outside (a reverse proxy); for links, and for the route prefix.',
  ),
  'web.route-prefix': textFlag(
    null,
    'PATH',
    'Prefix of every path we serve; when not given, the path of --web.external-url.',
  ),
  'web.enable-lifecycle': switchFlag('Permit POST /-/reload.'),
  'events.file': fileFlag('Keep a journal of events in this file, so that a restart does not forget them.'),
  'log.level': choiceFlag('info', ['debug', 'info', 'warn', 'error'], 'Lines below this level are not written.'),
  'log.format': choiceFlag('logfmt', ['logfmt', 'json'], 'Form of the log on stderr.'),
  observe: choiceFlag(
    'on',
    ['on', 'off', 'only'],
    'Observe the connections that other processes of this host have to the peers of groups with `observe`; only: hold nothing.',
  ),
  'shard.total': numberFlag(
    { least: 1, most: MOST_SHARDS, placeholder: 'N' },
    'This process is one of N with the same configuration, each of which holds a share of the peers; with --shard.ordinal.',
  ),
  'shard.ordinal': numberFlag(
    { least: 0, most: MOST_SHARDS - 1, placeholder: 'I' },
    'Which of the shards this one is, from 0; with --shard.total.',
  ),
  'shard.statefulset': textFlag(
    null,
    'NAME',
    'This process is a pod of the StatefulSet NAME, and there are as many shards as that has replicas. Needs POD_NAME in the environment, and the right to list and watch the StatefulSet.',
  ),
  'shutdown.timeout': durationFlag(
    10_000,
    'How long a shutdown may take: closing connections in order, exporting the last spans.',
  ),
} as const;
