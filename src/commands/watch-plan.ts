import type { Config } from '../config/config.ts';
import { locateIn } from '../config/snapshot/named-files.ts';
import type { FileContent, ReadFile } from '../files/file-content.ts';
import { LOGIN_PROTOCOLS } from '../settings/protocol-settings.ts';
import { parseTarget } from '../text/host-port.ts';
import type { FlagValues } from './flags/parse-flags.ts';
import type { GROUP_FLAGS } from './flags/watch-flags.ts';

type GroupValues = FlagValues<typeof GROUP_FLAGS>;
type Written = { readonly [key: string]: string | boolean | Written };

/** What a command line that names peers asks for, or what is wrong with it: a sentence for each mistake. */
export type WatchPlan =
  | { readonly kind: 'plan'; readonly config: Config; readonly targets: readonly string[] }
  | { readonly kind: 'misused'; readonly messages: readonly string[] };

export type PlanIo = { readonly readFile: ReadFile; readonly openFileLimit: number | null };

/** The group of these flags, which holds the operands as peers. A peer that is named twice is held once. */
export async function planWatch(values: GroupValues, operands: readonly string[], io: PlanIo): Promise<WatchPlan> {
  const messages = missingPartners(values);
  if (messages.length > 0) return { kind: 'misused', messages };
  const targets = distinct(operands);
  const named = await readNamedFiles(values, io.readFile);
  const { resolveFlagGroup } = await import('../config/flag-group.ts');
  const result = resolveFlagGroup({
    group: { name: 'watch', ...groupOf(values), static_configs: [{ targets }] },
    nameOf: (path) => flagOf(path.join('.'), values.protocol),
    readNamed: (path) => named.get(path) ?? { kind: 'unreadable', why: 'ENOENT' },
    openFileLimit: io.openFileLimit,
  });
  if (result.kind === 'loaded') return { kind: 'plan', config: result.config, targets };
  return { kind: 'misused', messages: result.problems.map(({ message }) => inWordsOfFlags(message)) };
}

/** Flags that mean nothing without another one, in the words of the command line. */
function missingPartners(values: GroupValues): readonly string[] {
  const needs = (flag: keyof GroupValues, partner: keyof GroupValues, why: string) =>
    values[flag] !== null && values[partner] === null ? [`--${flag} is given without --${partner}: ${why}`] : [];
  // A protocol has heartbeats of its own, and says by itself which flags do not go with it.
  const ofHeartbeat = [
    ...needs('heartbeat.expect', 'heartbeat.send', 'nothing would be asked'),
    ...needs('heartbeat.interval', 'heartbeat.send', 'nothing would be sent'),
    ...needs('heartbeat.timeout', 'heartbeat.expect', 'no answer would be awaited'),
  ];
  return [
    ...(values.protocol === null ? ofHeartbeat : []),
    ...needs('username', 'protocol', 'nobody would log in'),
    ...needs('password-file', 'protocol', 'nobody would log in'),
    ...needs('tls.cert-file', 'tls.key-file', 'a certificate is of no use without its key'),
    ...needs('tls.key-file', 'tls.cert-file', 'a key is of no use without its certificate'),
  ];
}

/** The keys of the group that the flags write. */
function groupOf(values: GroupValues): Written {
  const { keepalive, protocol } = values;
  const tls = {
    ...given('server_name', values['tls.server-name']),
    ...given('ca_file', values['tls.ca-file']),
    ...given('cert_file', values['tls.cert-file']),
    ...given('key_file', values['tls.key-file']),
    ...(values['tls.insecure-skip-verify'] && { insecure_skip_verify: true }),
  };
  const login = {
    ...given('username', values.username),
    ...given('password_file', values['password-file']),
  };
  const heartbeat = {
    ...given('send', values['heartbeat.send']),
    ...given('expect', values['heartbeat.expect']),
    ...given('interval', values['heartbeat.interval']),
    ...given('timeout', values['heartbeat.timeout']),
  };
  return {
    ...given('idle_timeout', values['idle-timeout']),
    ...(keepalive !== null && { keepalive: keepalive === 'off' ? false : { idle: keepalive } }),
    ...(protocol !== null && { protocol }),
    // Not under a name that is none: that is one mistake.
    ...(LOGIN_PROTOCOLS.some((name) => name === protocol) && { [`${protocol}`]: login }),
    ...((values.tls || Object.keys(tls).length > 0) && { tls }),
    ...(Object.keys(heartbeat).length > 0 && { heartbeat }),
  };
}

function given(key: string, value: string | null): Written {
  return value === null ? {} : { [key]: value };
}

/** The flag that writes a key of the group: `tls.ca_file` comes from `--tls.ca-file`, `redis.username` from `--username`. */
function flagOf(key: string, protocol: string | null): string {
  if (key === 'tls') return '--tls.cert-file with --tls.key-file';
  if (key === 'keepalive.idle') return '--keepalive';
  if (key === protocol) return '--protocol';
  const option = protocol !== null && key.startsWith(`${protocol}.`) ? key.slice(protocol.length + 1) : key;
  return `--${option.replaceAll('_', '-')}`;
}

/** A file writes `false` for what the flag calls `off`, and the options of a login in a map of its own. */
function inWordsOfFlags(message: string): string {
  const [, protocol, option] = /^unknown key groups\[0\]\.(\w+)\.(\w+)/.exec(message) ?? [];
  if (protocol !== undefined)
    return `${flagOf(`${protocol}.${option}`, protocol)} is no option of protocol ${protocol}`;
  if (message.startsWith('--login is missing'))
    return '--protocol is script, whose steps stand in a configuration file; see finrst serve';
  if (message.startsWith('--keepalive ')) return `${message}, or off`;
  if (message.startsWith('--protocol ')) return message.replace(/; add \w+: \{username: \.\.\.\}$/, '; add --username');
  if (message === '--password-file needs username beside it') return '--password-file needs --username';
  return message.startsWith('--username ') ? message.replace('password_file beside it', '--password-file') : message;
}

/** Operands that mean the same peer are one: the first spelling stays. What is no target stays, for its message. */
function distinct(operands: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const operand of operands) {
    const result = parseTarget(operand);
    const key = result.kind === 'target' ? result.target.key : operand;
    if (!byKey.has(key)) byKey.set(key, operand);
  }
  return [...byKey.values()];
}

async function readNamedFiles(values: GroupValues, readFile: ReadFile): Promise<ReadonlyMap<string, FileContent>> {
  const { 'tls.ca-file': ca, 'tls.cert-file': cert, 'tls.key-file': key, 'password-file': password } = values;
  const names = [ca, cert, key, password].filter((name) => name !== null);
  const paths = names.map((name) => locateIn('.', name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}
