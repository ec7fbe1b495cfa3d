import { DISCONNECT_CLASSES } from '../../domain/disconnect.ts';
import { DEFAULT_HEARTBEAT } from '../../settings/heartbeat.ts';
import { DEFAULT_KEEPALIVE, DEFAULT_PEER_SETTINGS } from '../../settings/peer-settings.ts';
import { LOGIN_PROTOCOLS } from '../../settings/protocol-settings.ts';
import { formatDuration } from '../../text/duration.ts';
import { durationFlag, fileFlag, setFlag, settingFlag, switchFlag, textFlag } from './flag.ts';

/** What `--fail-on` can name: a class of disconnects, or that a peer was never connected. */
export const FAIL_ON = [...DISCONNECT_CLASSES, 'never'] as const;

/** The flags of `watch` that are keys of a group, too; the configuration's own rules check them. */
export const GROUP_FLAGS = {
  tls: switchFlag('Speak TLS. The certificate is checked against the bundled roots.'),
  'tls.server-name': settingFlag(
    'NAME',
    'Name to ask for and to check the certificate against. Every --tls.* implies --tls. (default: the host)',
  ),
  'tls.ca-file': fileFlag('PEM file of certificate authorities; replaces the bundled ones.'),
  'tls.cert-file': fileFlag('PEM file of our certificate and its chain; with --tls.key-file.'),
  'tls.key-file': fileFlag('PEM file of our private key; with --tls.cert-file.'),
  'tls.insecure-skip-verify': switchFlag('Do not verify the certificate of the peer.'),
  protocol: {
    ...settingFlag(
      'NAME',
      `Log in by this protocol and report what the server says: ${LOGIN_PROTOCOLS.join(', ')}. Heartbeats are its own.`,
    ),
    completes: LOGIN_PROTOCOLS,
  },
  username: settingFlag('NAME', 'User or role to log in as; with --protocol.'),
  'password-file': fileFlag('File with the password, read again at each connect; with --protocol.'),
  'idle-timeout': settingFlag(
    'DURATION',
    'Give a connection up after this long without a received byte; 0s: never.',
    formatDuration(DEFAULT_PEER_SETTINGS.idleTimeoutMs),
  ),
  keepalive: {
    ...settingFlag(
      'off|IDLE',
      `Silence before the kernel's first keepalive probe; ${DEFAULT_KEEPALIVE.count} unanswered ones, ${DEFAULT_KEEPALIVE.intervalSeconds} s apart, end the connection. off: leave the path silent.`,
      `${DEFAULT_KEEPALIVE.idleSeconds}s`,
    ),
    completes: ['off'],
  },
  'heartbeat.send': settingFlag(
    'TEXT',
    'Send this at once and then every interval. \\r \\n \\t \\\\ \\xHH are decoded, nothing is appended.',
  ),
  'heartbeat.expect': settingFlag('TEXT', 'An answer to each heartbeat must hold these bytes. Written like send.'),
  'heartbeat.interval': settingFlag(
    'DURATION',
    'Time from heartbeat to heartbeat.',
    formatDuration(DEFAULT_HEARTBEAT.intervalMs),
  ),
  'heartbeat.timeout': settingFlag(
    'DURATION',
    `How long an answer may take, at most the interval. (default ${formatDuration(DEFAULT_HEARTBEAT.timeoutMs)}, or the interval where that is less)`,
  ),
} as const;

/** The flags of `watch`, in the order the help shows them. */
export const WATCH_FLAGS = {
  ...GROUP_FLAGS,
  url: textFlag(
    null,
    'URL',
    'Print the events of a running Finrst instead of holding peers, like http://127.0.0.1:10346; ?group=, peer= and class= filter.',
  ),
  for: durationFlag(null, 'Stop after this long instead of at Ctrl-C.'),
  'fail-on': setFlag(
    FAIL_ON,
    'Exit with 1 at the end if an end of such a class was seen; never: if a peer was never connected.',
  ),
  json: switchFlag('One JSON object per line instead of text for people.'),
} as const;
