import { DEFAULT_PEER_SETTINGS, type InheritedSettings } from '../../settings/peer-settings.ts';
import { DEFAULT_TLS_SETTINGS, type TlsSettings } from '../../settings/tls-settings.ts';
import type { GroupSettings, StaticTargets } from '../../settings/peer-group.ts';
import type { GlobalValues, GroupValues } from '../schema/config-schema.ts';
import type { WrittenPeerKeys } from '../schema/peer-keys.ts';
import type { TlsValues } from '../schema/tls-schema.ts';
import { TLS_VERSIONS } from '../schema/tls-versions.ts';
import { formatDuration } from '../../text/duration.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { complain, resolveCertificateFiles, sound } from './reading.ts';
import type { Reading } from './reading.ts';
import { resolveHeartbeat } from './resolve-heartbeat.ts';
import { inheritSettings } from './inherit-settings.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { LabelledTarget } from './resolve-targets.ts';
import { literalFamily } from '../../text/host-port.ts';
import type { Path } from '../yaml/yaml-source.ts';

/** A group, with the places of its peers for warnings. */
export type ResolvedGroup = {
  readonly settings: GroupSettings;
  readonly inherited: InheritedSettings;
  readonly path: Path;
  readonly targets: readonly LabelledTarget[];
};

/** Every group over the global defaults. What is wrong is noted; the result is of use only when nothing was. */
export function resolveGroups(
  reading: Reading,
  global: Partially<GlobalValues>,
  groups: readonly (Partially<GroupValues> | undefined)[],
): readonly ResolvedGroup[] {
  const defaults = inheritSettings(DEFAULT_PEER_SETTINGS, global);
  checkValues(reading, ['global'], { written: global, settings: defaults });
  const names = new Map<string, number>();
  const resolved: ResolvedGroup[] = [];
  for (const [index, group] of groups.entries()) {
    if (group === undefined) continue;
    const path = ['groups', index];
    const first = group.name === undefined ? undefined : names.get(group.name);
    if (first !== undefined) {
      const { line } = reading.source.problemAt(['groups', first, 'name'], '');
      complain(
        reading,
        [...path, 'name'],
        `is "${group.name}", which is taken by the group on line ${line}; names are unique`,
      );
    } else if (group.name !== undefined) names.set(group.name, index);
    resolved.push(resolveGroup(reading, path, { group, defaults }));
  }
  return resolved;
}

type GroupScope = { readonly group: Partially<GroupValues>; readonly defaults: InheritedSettings };

function resolveGroup(reading: Reading, path: Path, { group, defaults }: GroupScope): ResolvedGroup {
  const inherited = inheritSettings(defaults, group);
  checkValues(reading, path, { written: group, settings: inherited });
  const heartbeat = group.heartbeat && resolveHeartbeat(reading, [...path, 'heartbeat'], group.heartbeat);
  const tls = group.tls && resolveTls(reading, [...path, 'tls'], group.tls);
  const targets = resolveTargets(reading, { path, configs: group.static_configs, rules: inherited });
  const name = group.name ?? '';
  const template = { group: name, heartbeat: heartbeat ?? null, tls: tls ?? null, ...inherited };
  return { settings: { name, template, staticTargets: staticTargets(targets) }, inherited, path, targets };
}

/** The targets of each entry of `static_configs`: they share one object of labels. */
function staticTargets(targets: readonly LabelledTarget[]): readonly StaticTargets[] {
  const entries = Map.groupBy(targets, ({ labels }) => labels);
  return Array.from(entries, ([labels, found]) => ({ targets: found.map(({ written }) => written), labels }));
}

/** What stands in one map, and what holds after merging. */
type ValueScope = {
  readonly written: WrittenPeerKeys;
  readonly settings: InheritedSettings;
};

/** Rules between the keys of one map, asked where at least one of the keys stands in it. */
function checkValues(reading: Reading, path: Path, { written, settings }: ValueScope): void {
  checkReconnect(reading, path, { written, settings });
  const { ipFamily, sourceAddress } = settings;
  const family = sourceAddress === null ? null : literalFamily(sourceAddress);
  const standsHere = written.source_address !== undefined || written.ip_family !== undefined;
  if (standsHere && family !== null && ipFamily !== 'any' && ipFamily !== `ipv${family}`) {
    const at = reading.source.has([...path, 'source_address']) ? 'source_address' : 'ip_family';
    const message = `does not fit: source_address is an IPv${family} address, but ip_family is ${ipFamily}`;
    complain(reading, [...path, at], message);
  }
}

function checkReconnect(reading: Reading, path: Path, { written, settings }: ValueScope): void {
  const { initialMs, maxMs } = settings.reconnect;
  const involved = [path, ['global']].flatMap((scope) =>
    [[], ['initial'], ['max']].map((key) => [...scope, 'reconnect', ...key]),
  );
  if (written.reconnect === undefined || initialMs <= maxMs || !sound(reading, ...involved)) return;
  const key = reading.source.has([...path, 'reconnect', 'initial']) ? 'initial' : 'max';
  const message = `does not fit: initial is ${formatDuration(initialMs)}, max is ${formatDuration(maxMs)}; expected initial to be at most max`;
  complain(reading, [...path, 'reconnect', key], message);
}

function resolveTls(reading: Reading, path: Path, values: Partially<TlsValues>): TlsSettings {
  const name = values.server_name;
  const defaults = DEFAULT_TLS_SETTINGS;
  return {
    serverName: name === undefined || name === '' ? null : name,
    ...resolveCertificateFiles(reading, path, values),
    minVersion: values.min_version === undefined ? defaults.minVersion : TLS_VERSIONS[values.min_version],
    insecureSkipVerify: values.insecure_skip_verify ?? defaults.insecureSkipVerify,
    expectCloseNotify: values.expect_close_notify ?? defaults.expectCloseNotify,
  };
}
