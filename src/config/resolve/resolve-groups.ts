import { DEFAULT_PEER_SETTINGS, type InheritedSettings } from '../../settings/peer-settings.ts';
import type { GroupSettings } from '../../settings/peer-group.ts';
import type { StaticTargets } from '../../settings/source-settings.ts';
import type { GlobalValues, GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';
import { resolveTls } from './resolve-tls.ts';
import { checkPeerKeys } from './check-peer-keys.ts';
import { resolveHeartbeat } from './resolve-heartbeat.ts';
import { inheritSettings } from './inherit-settings.ts';
import { resolveTargets, type LabelledTarget } from './resolve-targets.ts';
import type { Path } from '../yaml/path.ts';

/** A group, with the places of its peers for warnings. */
export type ResolvedGroup = {
  readonly settings: GroupSettings;
  readonly inherited: InheritedSettings;
  readonly path: Path;
  readonly targets: readonly LabelledTarget[];
};

/** What is written, and the target labels that the whole process wants. */
export type GroupsScope = {
  readonly global: Partially<GlobalValues>;
  readonly groups: readonly (Partially<GroupValues> | undefined)[];
  readonly targetLabels: readonly string[];
};

/** Every group over the global defaults. What is wrong is noted; the result is of use only when nothing was. */
export function resolveGroups(
  context: ResolveContext,
  { global, groups, targetLabels }: GroupsScope,
): readonly ResolvedGroup[] {
  const defaults = inheritSettings(DEFAULT_PEER_SETTINGS, global);
  checkPeerKeys(context, ['global'], { written: global, settings: defaults });
  const names = new Map<string, number>();
  const resolved: ResolvedGroup[] = [];
  for (const [index, group] of groups.entries()) {
    if (group === undefined) continue;
    const path = ['groups', index];
    const first = group.name === undefined ? undefined : names.get(group.name);
    if (first !== undefined) {
      const { line } = context.source.problemAt(['groups', first, 'name'], '');
      addProblem(
        context,
        [...path, 'name'],
        `is "${group.name}", which is taken by the group on line ${line}; names are unique`,
      );
    } else if (group.name !== undefined) names.set(group.name, index);
    resolved.push(resolveGroup(context, path, { group, defaults, targetLabels }));
  }
  return resolved;
}

type GroupScope = {
  readonly group: Partially<GroupValues>;
  readonly defaults: InheritedSettings;
  readonly targetLabels: readonly string[];
};

function resolveGroup(context: ResolveContext, path: Path, scope: GroupScope): ResolvedGroup {
  const { group, defaults, targetLabels } = scope;
  const inherited = inheritSettings(defaults, group);
  checkPeerKeys(context, path, { written: group, settings: inherited });
  const heartbeat = group.heartbeat && resolveHeartbeat(context, [...path, 'heartbeat'], group.heartbeat);
  const tls = group.tls && resolveTls(context, [...path, 'tls'], group.tls);
  const targets = resolveTargets(context, { path, configs: group.static_configs, rules: inherited, targetLabels });
  const name = group.name ?? '';
  const template = { group: name, targetLabels, heartbeat: heartbeat ?? null, tls: tls ?? null, ...inherited };
  return {
    settings: { name, template, sources: [{ kind: 'static', settings: staticTargets(targets) }] },
    inherited,
    path,
    targets,
  };
}

/** The targets of each entry of `static_configs`: they share one object of labels. */
function staticTargets(targets: readonly LabelledTarget[]): readonly StaticTargets[] {
  const entries = Map.groupBy(targets, ({ labels }) => labels);
  return Array.from(entries, ([labels, found]) => ({ targets: found.map(({ written }) => written), labels }));
}
