import type { Config } from '../config/config.ts';
import { decodeEscapedBytes } from '../text/escaped-bytes.ts';
import { targetProblem } from '../config/resolve/target-problem.ts';
import { DEFAULT_GLOBAL_SETTINGS } from '../settings/global-settings.ts';
import { DEFAULT_HEARTBEAT, type Heartbeat } from '../settings/heartbeat.ts';
import type { PeerTemplate } from '../settings/peer-group.ts';
import { DEFAULT_PEER_SETTINGS } from '../settings/peer-settings.ts';
import { DEFAULT_TLS_SETTINGS, type TlsSettings } from '../settings/tls-settings.ts';
import { formatDuration } from '../text/duration.ts';
import { createJsonLines } from '../terminal/json-lines.ts';
import { TerminalSink } from '../terminal/terminal-sink.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { EXIT, command } from './command.ts';
import { durationFlag, switchFlag, textFlag } from './flags/flag.ts';
import type { Runtime } from './runtime.ts';
import { runUntilSignal } from './run-until-signal.ts';
import type { FlagValues } from './flags/parse-flags.ts';

const WATCH_FLAGS = {
  tls: switchFlag('Speak TLS. The certificate is checked against the bundled roots.'),
  'tls.server-name': textFlag(
    null,
    'NAME',
    'Name to ask for and to check the certificate against; implies --tls. (default: the host)',
  ),
  'idle-timeout': durationFlag(
    DEFAULT_PEER_SETTINGS.idleTimeoutMs,
    'Give a connection up after this long without a received byte; 0s: never.',
  ),
  'heartbeat.send': textFlag(
    null,
    'TEXT',
    `Send this at once and then every ${formatDuration(DEFAULT_HEARTBEAT.intervalMs)}. \\r \\n \\t \\\\ \\xHH are decoded, nothing is appended.`,
  ),
  'heartbeat.expect': textFlag(
    null,
    'TEXT',
    `An answer to each heartbeat must hold these bytes within ${formatDuration(DEFAULT_HEARTBEAT.timeoutMs)}.`,
  ),
  for: durationFlag(null, 'Stop after this long instead of at Ctrl-C.'),
  json: switchFlag('One JSON object per line instead of text for people.'),
} as const;

type WatchValues = FlagValues<typeof WATCH_FLAGS>;

/** A person who pressed Ctrl-C waits for this: long enough for peers to answer our FIN, short enough not to annoy. */
const STOP_TIMEOUT_MS = 3000;

/** Holds the given peers now and prints each step; Ctrl-C or `--for` prints a summary and exits 0. */
export const watch = command({
  name: 'watch',
  usage: 'finrst watch HOST:PORT... [flags]',
  summary: 'hold these peers now and print each step to the terminal; Ctrl-C prints a summary',
  about: [
    'Connects to each peer, holds the connection, says how it ended and what that usually means, and connects again.',
    'No port is opened and no file is written. What peers send is counted and dropped.',
  ].join('\n'),
  flags: WATCH_FLAGS,
  examples: [
    'finrst watch redis-0.payments:6379',
    "finrst watch redis-0:6379 redis-1:6379 --heartbeat.send='PING\\r\\n' --heartbeat.expect=+PONG",
    'finrst watch example.com:443 --tls --idle-timeout=5m --for=1h --json',
  ],
  operands: null,
  async run(runtime, values, operands) {
    const plan = planOf(values, operands);
    if (plan.kind === 'misused') {
      for (const message of plan.messages) runtime.printError(`finrst watch: ${message}`);
      return EXIT.misused;
    }
    const names = plan.targets;
    const terminal = openTerminal(runtime, values.json, names);
    const config = configOf(plan);
    const daemon = runtime.createDaemon({
      config,
      load: async () => ({ kind: 'loaded', config }),
      clock: runtime.clock,
      random: runtime.random,
      build: runtime.build,
      sinks: { terminal: terminal.sink },
      web: null,
    });
    if (!values.json)
      runtime.print(`Watching ${names.length === 1 ? '1 peer' : `${names.length} peers`}; ${endOf(values)}.`);
    const held = { runtime, daemon, log: terminal.sink, forMs: values.for, stopTimeoutMs: STOP_TIMEOUT_MS };
    return runUntilSignal({ ...held, atEnd: (watchedMs) => terminal.summarize(watchedMs) });
  },
});

function openTerminal({ print, clock, colours }: Runtime, json: boolean, names: readonly string[]): Terminal {
  if (json) return createJsonLines(print, () => clock.now());
  return new TerminalSink({ write: print, colours, brief: false, clock, nameOf: ({ peer }) => peer, names });
}

function endOf(values: WatchValues): string {
  return values.for === null ? 'Ctrl-C ends it with a summary' : 'it ends by itself with a summary, or at Ctrl-C';
}

type Plan =
  | { readonly kind: 'peers'; readonly template: PeerTemplate; readonly targets: readonly string[] }
  | { readonly kind: 'misused'; readonly messages: readonly string[] };

function planOf(values: WatchValues, operands: readonly string[]): Plan {
  const heartbeat = heartbeatOf(values);
  const messages = heartbeat.kind === 'misused' ? [heartbeat.message] : [];
  const template = {
    ...DEFAULT_PEER_SETTINGS,
    group: 'watch',
    idleTimeoutMs: values['idle-timeout'],
    heartbeat: heartbeat.kind === 'misused' ? null : heartbeat.heartbeat,
    tls: tlsOf(values),
  };
  for (const operand of operands) {
    const problem = targetProblem(operand, template);
    if (problem !== null) messages.push(problem);
  }
  return messages.length > 0
    ? { kind: 'misused', messages }
    : { kind: 'peers', template, targets: [...new Set(operands)] };
}

function tlsOf(values: WatchValues): TlsSettings | null {
  const serverName = values['tls.server-name'];
  if (!values.tls && serverName === null) return null;
  return { ...DEFAULT_TLS_SETTINGS, serverName };
}

type HeartbeatResult =
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat | null }
  | { readonly kind: 'misused'; readonly message: string };

function heartbeatOf(values: WatchValues): HeartbeatResult {
  const send = values['heartbeat.send'];
  const expect = values['heartbeat.expect'];
  if (send === null) {
    if (expect === null) return { kind: 'heartbeat', heartbeat: null };
    return { kind: 'misused', message: '--heartbeat.expect is given without --heartbeat.send: nothing would be asked' };
  }
  const sendBytes = decodeEscapedBytes(send);
  if (sendBytes.kind === 'invalid') return { kind: 'misused', message: `--heartbeat.send ${sendBytes.message}` };
  const expectBytes = expect === null ? null : decodeEscapedBytes(expect);
  if (expectBytes?.kind === 'invalid') return { kind: 'misused', message: `--heartbeat.expect ${expectBytes.message}` };
  const { intervalMs, timeoutMs } = DEFAULT_HEARTBEAT;
  const settings = { send: sendBytes.bytes, expect: expectBytes?.bytes ?? null };
  const protocol = { name: 'send_expect', settings } as const;
  return { kind: 'heartbeat', heartbeat: { protocol, intervalMs, timeoutMs: expectBytes && timeoutMs } };
}

/** One group, no limits of its own: what a person names on a command line is not too many. */
function configOf({ template, targets }: Extract<Plan, { readonly kind: 'peers' }>): Config {
  return {
    global: DEFAULT_GLOBAL_SETTINGS,
    tracing: null,
    groups: [{ name: 'watch', template, sources: [{ kind: 'static', settings: [{ targets, labels: {} }] }] }],
    warnings: [],
    maskedText: '',
    sha256: '',
  };
}
