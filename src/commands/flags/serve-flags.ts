import { choiceFlag, durationFlag, fileFlag, listFlag, switchFlag, textFlag } from './flag.ts';

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
  'shutdown.timeout': durationFlag(
    10_000,
    'How long a shutdown may take: closing connections in order, exporting the last spans.',
  ),
} as const;
