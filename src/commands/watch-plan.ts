import type { Config } from '../config/config.ts';
import { locateIn } from '../config/snapshot/named-files.ts';
import type { FileContent, ReadFile } from '../files/file-content.ts';
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
    nameOf: (path) => flagOf(path.join('.')),
    readNamed: (path) => named.get(path) ?? { kind: 'unreadable', why: 'ENOENT' },
    openFileLimit: io.openFileLimit,
  });
  if (result.kind === 'loaded') return { kind: 'plan', config: result.config, targets };
  return { kind: 'misused', messages: result.problems.map(({ message }) => withOff(message)) };
}

/** Flags that mean nothing without another one, in the words of the command line. */
function missingPartners(values: GroupValues): readonly string[] {
  const needs = (flag: keyof GroupValues, partner: keyof GroupValues, why: string) =>
    values[flag] !== null && values[partner] === null ? [`--${flag} is given without --${partner}: ${why}`] : [];
  return [
    ...needs('heartbeat.expect', 'heartbeat.send', 'nothing would be asked'),
    ...needs('heartbeat.interval', 'heartbeat.send', 'nothing would be sent'),
    ...needs('heartbeat.timeout', 'heartbeat.expect', 'no answer would be awaited'),
    ...needs('tls.cert-file', 'tls.key-file', 'a certificate is of no use without its key'),
    ...needs('tls.key-file', 'tls.cert-file', 'a key is of no use without its certificate'),
  ];
}

/** The keys of the group that the flags write. */
function groupOf(values: GroupValues): Written {
  const { keepalive } = values;
  const tls = {
    ...given('server_name', values['tls.server-name']),
    ...given('ca_file', values['tls.ca-file']),
    ...given('cert_file', values['tls.cert-file']),
    ...given('key_file', values['tls.key-file']),
    ...(values['tls.insecure-skip-verify'] && { insecure_skip_verify: true }),
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
    ...((values.tls || Object.keys(tls).length > 0) && { tls }),
    ...(Object.keys(heartbeat).length > 0 && { heartbeat }),
  };
}

function given(key: string, value: string | null): Written {
  return value === null ? {} : { [key]: value };
}

/** The flag that writes a key of the group: `tls.ca_file` comes from `--tls.ca-file`. */
function flagOf(key: string): string {
  if (key === 'tls') return '--tls.cert-file with --tls.key-file';
  if (key === 'keepalive.idle') return '--keepalive';
  return `--${key.replaceAll('_', '-')}`;
}

/** A file writes `false` for what the flag calls `off`. */
function withOff(message: string): string {
  return message.startsWith('--keepalive ') ? `${message}, or off` : message;
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
  const names = [values['tls.ca-file'], values['tls.cert-file'], values['tls.key-file']].filter(
    (name) => name !== null,
  );
  const paths = names.map((name) => locateIn('.', name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}
