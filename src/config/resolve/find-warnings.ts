import { descriptorRoom } from '../../settings/descriptor-room.ts';
import type { FileProblem } from '../../text/file-problem.ts';
import { formatDuration } from '../../text/duration.ts';
import { nearestWord } from '../../text/nearest-word.ts';
import { pathText } from '../../yaml/path.ts';
import { LOGINS } from './logins/logins.ts';
import { relabelWarnings } from './relabel-warnings.ts';
import { type KeepaliveBurst, keepaliveBursts } from './keepalive-bursts.ts';
import type { ResolvedGroup } from './resolve-groups.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';

/** What servers on these ports do to a client that connects and says nothing. Sources: docs/costs.md. */
const PUNISHING_PORTS: Readonly<Record<number, string>> = {
  22: 'sshd drops new connections at random while many are not logged in (MaxStartups, 10 by default) and closes each after LoginGraceTime',
  3306: 'MySQL and MariaDB block a host after 100 broken handshakes (max_connect_errors) and reset silent clients after connect_timeout, 10 s',
  5432: 'PostgreSQL gives each connection a backend and closes it after authentication_timeout, 60 s, if it does not log in',
};

/** What a configuration is held against. */
export type HostFacts = {
  /** Descriptors this process may open; null: unknown. */
  readonly openFileLimit: number | null;
  /** net.core.netdev_max_backlog; null: unknown. */
  readonly packetBacklog: number | null;
  readonly maxConnectsPerSecond: number;
  /** The process observes, and nothing else. */
  readonly holdsNothing?: boolean;
};

/** The kernel's own value of net.core.netdev_max_backlog. */
const USUAL_BACKLOG = 1000;

/** Advice about a configuration that loads: one sentence each, placed like a problem. A peer that rules may drop counts. */
export function findWarnings(
  source: YamlSource,
  groups: readonly ResolvedGroup[],
  { openFileLimit, packetBacklog, maxConnectsPerSecond, holdsNothing = false }: HostFacts,
): readonly FileProblem[] {
  const held = groups.filter(({ settings }) => settings.isHeld !== false);
  const warnings = [
    ...held.flatMap((group) => [
      ...portWarnings(source, group),
      ...passwordWarnings(source, group),
      ...timerWarnings(source, group),
      ...junkCommandWarnings(source, group),
    ]),
    ...groups.flatMap((group) => [...relabelWarnings(source, group), ...wholeClusterWarnings(source, group)]),
  ];
  warnings.push(...targetLabelWarnings(source, groups));
  if (holdsNothing && groups.every(({ settings }) => settings.isObserved !== true))
    warnings.push(
      source.problemAtKey(['groups'], 'no group has observe, and with --observe=only nothing else is done'),
    );
  const peers = held.reduce((sum, { targets }) => sum + targets.length, 0);
  const room = openFileLimit === null ? Number.POSITIVE_INFINITY : descriptorRoom(openFileLimit);
  if (peers > room) {
    const message =
      `${peers} peers are more than the ${room} that the limit of ${openFileLimit} open files leaves room for; ` +
      'raise it (ulimit -n, LimitNOFILE=), or some will be tcp/fd_limit connect failures';
    warnings.push(source.problemAtKey(['groups'], message));
  }
  const probing = held.flatMap(({ inherited: { keepalive }, targets }) =>
    keepalive === null ? [] : [{ peers: targets.length, keepalive }],
  );
  const rates = { backlog: packetBacklog ?? USUAL_BACKLOG, connectsPerSecond: maxConnectsPerSecond };
  const bursts = keepaliveBursts(probing, rates).map(describeBurst);
  return [...warnings, ...bursts.map((message) => source.problemAtKey(['groups'], message))];
}

/** Each change of each pod of a cluster is a line to each process that watches them all. */
function wholeClusterWarnings(source: YamlSource, { settings, path }: ResolvedGroup): readonly FileProblem[] {
  const entries = settings.sources.flatMap((each) => (each.kind === 'kubernetes' ? [each.settings] : []));
  return entries.flatMap(({ role, namespaces, ownNamespace, selectors }, index) => {
    if (role !== 'pod' || namespaces.length > 0 || ownNamespace || selectors.length > 0) return [];
    const at = [...path, 'kubernetes_sd_configs', index];
    return [source.problemAt(at, `${pathText(at)} watches every pod of the cluster; name namespaces or selectors`)];
  });
}

function describeBurst({ keepalive, peers, packets, limit }: KeepaliveBurst): string {
  const { idleSeconds, count } = keepalive;
  return (
    `up to ${packets} probes of the ${peers} peers with keepalive.idle ${idleSeconds}s leave in one burst, more than ` +
    `net.core.netdev_max_backlog x keepalive.count, ${limit} with a count of ${count}: behind loopback or veth the rest is dropped, ` +
    'and live peers may end as error/keepalive_timeout; ' +
    'raise that sysctl, keepalive.idle or keepalive.count, or lower max_connects_per_second'
  );
}

/** One warning for each such port in a group, at its first target. */
function portWarnings(source: YamlSource, { settings, targets }: ResolvedGroup): FileProblem[] {
  const seen = new Map<number, { readonly first: (typeof targets)[number]; count: number }>();
  for (const found of targets) {
    const port = found.target?.port;
    if (port === undefined || PUNISHING_PORTS[port] === undefined) continue;
    // Who logs in is no broken handshake.
    if (settings.template.protocol !== null && port !== 22) continue;
    const entry = seen.get(port);
    if (entry === undefined) seen.set(port, { first: found, count: 1 });
    else entry.count += 1;
  }
  return [...seen].map(([port, { first, count }]) => {
    const which = count === 1 ? `target "${first.written}"` : `${count} targets of group "${settings.name}"`;
    return source.problemAt(
      first.path,
      `${which} on port ${port}: ${PUNISHING_PORTS[port]}; make sure that the server expects such clients`,
    );
  });
}

/** One warning for each group whose password can be read on the way to at least one target. */
function passwordWarnings(source: YamlSource, { settings, targets }: ResolvedGroup): FileProblem[] {
  const { protocol, tls } = settings.template;
  if (protocol === null || tls !== null || protocol.settings.passwordFile === null) return [];
  const far = targets.find(({ target, written }) => !isLoopback(target?.host ?? written.replace(/:\d+$/, '')));
  if (far === undefined || !LOGINS[protocol.name].showsPassword(protocol)) return [];
  const message = `target "${far.written}": everybody on the way can read the password of group "${settings.name}", since protocol ${protocol.name} sends it as it is; add tls`;
  return [source.problemAt(far.path, message)];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** A peer that speaks only when asked is silent for a whole interval: a shorter idle_timeout ends every connection. */
function timerWarnings(source: YamlSource, { settings, inherited, path, targets }: ResolvedGroup): FileProblem[] {
  const { heartbeat } = settings.template;
  if (targets.length === 0 || heartbeat === null || heartbeat.timeoutMs === null) return [];
  if (inherited.idleTimeoutMs === 0 || inherited.idleTimeoutMs > heartbeat.intervalMs) return [];
  const [idle, interval] = [formatDuration(inherited.idleTimeoutMs), formatDuration(heartbeat.intervalMs)];
  const message = `${pathText([...path, 'idle_timeout'])} is ${idle}, not longer than heartbeat.interval, ${interval}: a peer that only answers heartbeats will be ended as idle_timeout/no_data`;
  return [source.problemAt([...path, 'idle_timeout'], message)];
}

/** Postfix takes 100 NOOPs without a mail (smtpd_junk_command_limit), and counts each further one as an error. */
const MOST_NOOPS = 90;

function junkCommandWarnings(
  source: YamlSource,
  { settings, inherited, path, targets }: ResolvedGroup,
): readonly FileProblem[] {
  const { protocol, heartbeat } = settings.template;
  if (protocol?.name !== 'smtp' || heartbeat === null || targets.length === 0) return [];
  const mostMs = MOST_NOOPS * heartbeat.intervalMs;
  if (inherited.maxConnectionAgeMs > 0 && inherited.maxConnectionAgeMs <= mostMs) return [];
  const message = `group "${settings.name}" sends a NOOP every ${formatDuration(heartbeat.intervalMs)}, and Postfix slows down and closes a connection after 100 of them (smtpd_junk_command_limit); set max_connection_age to at most ${formatDuration(mostMs)}`;
  return [source.problemAt([...path, 'protocol'], message)];
}

/** Prometheus' Kubernetes discovery and the Prometheus Operator give these to what they scrape; `cluster` is the usual external label. */
const GIVEN_BY_SCRAPING: ReadonlySet<string> = new Set([
  'pod',
  'namespace',
  'cluster',
  'container',
  'service',
  'endpoint',
]);

/** Labels that a scrape may replace, and labels that no target has: a slip of the pen routes no alert. */
function targetLabelWarnings(source: YamlSource, groups: readonly ResolvedGroup[]): FileProblem[] {
  const names = groups[0]?.settings.template.targetLabels ?? [];
  if (names.length === 0) return [];
  const known = new Set(groups.flatMap(({ targets }) => targets.flatMap(({ labels }) => Object.keys(labels))));
  const isStatic = groups.every(
    ({ settings: { sources, relabelRules } }) =>
      relabelRules.length === 0 && sources.every(({ kind }) => kind === 'static'),
  );
  const hasTargets = groups.some(({ targets }) => targets.length > 0);
  return names.flatMap((name, index) => {
    const path = ['global', 'metrics', 'target_labels', index];
    const warn = (message: string) => source.problemAt(path, `${pathText(path)} is "${name}", ${message}`);
    if (GIVEN_BY_SCRAPING.has(name))
      return [warn(`which scraping often gives, too: Prometheus then stores ours as exported_${name}`)];
    if (!isStatic || !hasTargets || known.has(name)) return [];
    const near = nearestWord(name, [...known]);
    return [warn(`which no target has among its labels${near === null ? '' : `; did you mean ${near}?`}`)];
  });
}
