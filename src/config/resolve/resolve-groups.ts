import type { TlsSettings } from '../../settings/peer-settings.ts';
import type { GroupSettings } from '../config.ts';
import type { GlobalValues, GroupValues, TlsValues } from '../schema/config-schema.ts';
import { formatDuration } from '../../text/duration.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { complain, resolveCertificateFiles, sound } from './reading.ts';
import type { Reading } from './reading.ts';
import { resolveHeartbeat } from './resolve-heartbeat.ts';
import { BUILT_IN, mergePeerValues, peerSettings, sharedSettings } from './resolve-peer.ts';
import type { PeerValues } from './resolve-peer.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { LabelledTarget } from './resolve-targets.ts';
import { literalFamily } from '../../text/host-port.ts';
import type { Path } from '../yaml/yaml-source.ts';

/** A group, with the places of its peers for warnings. */
export type ResolvedGroup = {
  readonly settings: GroupSettings;
  readonly values: PeerValues;
  readonly path: Path;
  readonly targets: readonly LabelledTarget[];
};

/** Every group over the global defaults. What is wrong is noted; the result is of use only when nothing was. */
export function resolveGroups(
  reading: Reading,
  global: Partially<GlobalValues>,
  groups: readonly (Partially<GroupValues> | undefined)[],
): readonly ResolvedGroup[] {
  const defaults = mergePeerValues(BUILT_IN, global);
  checkValues(reading, ['global'], { own: global, values: defaults });
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

type GroupScope = { readonly group: Partially<GroupValues>; readonly defaults: PeerValues };

function resolveGroup(reading: Reading, path: Path, { group, defaults }: GroupScope): ResolvedGroup {
  const values = mergePeerValues(defaults, group);
  checkValues(reading, path, { own: group, values });
  const heartbeat = group.heartbeat && resolveHeartbeat(reading, [...path, 'heartbeat'], group.heartbeat);
  const tls = group.tls && resolveTls(reading, [...path, 'tls'], group.tls);
  const rules = { ipFamily: values.ip_family, sourceAddress: values.source_address };
  const targets = resolveTargets(reading, { path, configs: group.static_configs, rules });
  const name = group.name ?? '';
  const shared = { group: name, heartbeat: heartbeat ?? null, tls: tls ?? null, ...sharedSettings(values) };
  const peers = targets.map(({ written, target, labels }) => peerSettings(written, target, { ...shared, labels }));
  return { settings: { name, tls: tls !== undefined, peers }, values, path, targets };
}

/** What stands in one map, and what holds after merging. */
type ValueScope = {
  readonly own: Partially<GlobalValues> | Partially<GroupValues>;
  readonly values: PeerValues;
};

/** Rules between the keys of one map, asked where at least one of the keys stands in it. */
function checkValues(reading: Reading, path: Path, { own, values }: ValueScope): void {
  checkReconnect(reading, path, { own, values });
  const family = literalFamily(values.source_address);
  const ownAddress = own.source_address !== undefined || own.ip_family !== undefined;
  if (ownAddress && family !== null && values.ip_family !== 'any' && values.ip_family !== `ipv${family}`) {
    const at = reading.source.has([...path, 'source_address']) ? 'source_address' : 'ip_family';
    const message = `does not fit: source_address is an IPv${family} address, but ip_family is ${values.ip_family}`;
    complain(reading, [...path, at], message);
  }
}

function checkReconnect(reading: Reading, path: Path, { own, values }: ValueScope): void {
  const { initial, max } = values.reconnect;
  const involved = [path, ['global']].flatMap((scope) =>
    [[], ['initial'], ['max']].map((key) => [...scope, 'reconnect', ...key]),
  );
  if (own.reconnect === undefined || initial <= max || !sound(reading, ...involved)) return;
  const key = reading.source.has([...path, 'reconnect', 'initial']) ? 'initial' : 'max';
  const message = `does not fit: initial is ${formatDuration(initial)}, max is ${formatDuration(max)}; expected initial to be at most max`;
  complain(reading, [...path, 'reconnect', key], message);
}

function resolveTls(reading: Reading, path: Path, values: Partially<TlsValues>): TlsSettings {
  const name = values.server_name;
  return {
    serverName: name === undefined || name === '' ? null : name,
    ...resolveCertificateFiles(reading, path, values),
    minVersion: values.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
    insecureSkipVerify: values.insecure_skip_verify ?? false,
    expectCloseNotify: values.expect_close_notify ?? false,
  };
}
