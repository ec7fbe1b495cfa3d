import { DEFAULT_PEER_SETTINGS, type InheritedSettings } from '../../settings/peer-settings.ts';
import { configuredSilenceMs } from '../../domain/silence/configured-silence.ts';
import type { GroupSettings, PeerTemplate } from '../../settings/peer-group.ts';
import { DEFAULT_SILENCE } from '../../settings/silence-settings.ts';
import { formatDuration } from '../../text/duration.ts';
import type { StaticTargets } from '../../settings/source-settings.ts';
import type { Heartbeat } from '../../settings/heartbeat.ts';
import type { LoginSettings } from '../../settings/protocol-settings.ts';
import type { GlobalValues, GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';
import { Memo } from '../../relabel/memo.ts';
import { patternProblem } from '../../relabel/pattern.ts';
import { type PatternCheck, resolveRelabelRules } from './resolve-relabel-rules.ts';
import { resolveTls } from './resolve-tls.ts';
import { checkPeerKeys } from './check-peer-keys.ts';
import { checkHold, withoutHeldKeys } from './unheld-groups.ts';
import { resolveProtocol } from './resolve-protocol.ts';
import { resolveHeartbeat, resolveLoginHeartbeat } from './resolve-heartbeat.ts';
import { inheritSettings } from './inherit-settings.ts';
import { resolveSources } from './resolve-sources.ts';
import { resolveTargets, type LabelledTarget } from './resolve-targets.ts';
import type { Path } from '../../yaml/path.ts';

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
  /** Every group counts as one that is not held. */
  readonly holdsNothing?: boolean;
};

/** Many groups have the same rules, and to compile a pattern takes half a millisecond. */
const MOST_PATTERNS = 1000;

/** Every group over the global defaults. What is wrong is noted; the result is of use only when nothing was. */
export function resolveGroups(
  context: ResolveContext,
  { global, groups, targetLabels, holdsNothing = false }: GroupsScope,
): readonly ResolvedGroup[] {
  const defaults = inheritSettings(DEFAULT_PEER_SETTINGS, global);
  checkPeerKeys(context, ['global'], { written: global, settings: defaults });
  const names = new Map<string, number>();
  const patterns = new Memo(MOST_PATTERNS, patternProblem);
  const checkPattern: PatternCheck = (regex) => patterns.get(regex);
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
    checkHold(context, path, group);
    const isHeld = group.hold !== false && !holdsNothing;
    const scope = isHeld ? { group, defaults } : { group: withoutHeldKeys(group), defaults: DEFAULT_PEER_SETTINGS };
    resolved.push(resolveGroup(context, path, { ...scope, isHeld, targetLabels, checkPattern }));
  }
  return resolved;
}

type GroupScope = {
  readonly group: Partially<GroupValues>;
  readonly defaults: InheritedSettings;
  readonly isHeld: boolean;
  readonly targetLabels: readonly string[];
  readonly checkPattern: PatternCheck;
};

function resolveGroup(context: ResolveContext, path: Path, scope: GroupScope): ResolvedGroup {
  const { group, defaults, isHeld, targetLabels, checkPattern } = scope;
  const inherited = inheritSettings(defaults, group);
  checkPeerKeys(context, path, { written: group, settings: inherited });
  const protocol = resolveProtocol(context, path, group);
  const heartbeat = heartbeatOf(context, [...path, 'heartbeat'], { protocol, values: group.heartbeat });
  const tls = group.tls && resolveTls(context, [...path, 'tls'], group.tls);
  const relabelRules = resolveRelabelRules(context, [...path, 'relabel_configs'], {
    written: group.relabel_configs ?? [],
    checkPattern,
  });
  const targets = resolveTargets(context, {
    path,
    configs: group.static_configs,
    rules: inherited,
    targetLabels,
    isRelabelled: (group.relabel_configs ?? []).length > 0,
  });
  const name = group.name ?? '';
  const template = {
    group: name,
    targetLabels,
    heartbeat,
    protocol,
    tls: tls ?? null,
    ...inherited,
  };
  return {
    settings: {
      name,
      template,
      sources: [
        { kind: 'static', settings: staticTargets(targets) },
        ...resolveSources(context, path, { group, rules: relabelRules, ipFamily: inherited.ipFamily }),
      ],
      relabelRules,
      targetLimit: group.target_limit ?? 0,
      ...(!isHeld && { isHeld }),
      ...(group.observe !== undefined && { isObserved: true }),
      ...silenceOf(context, [...path, 'silence'], { written: group.silence, template }),
    },
    inherited,
    path,
    targets,
  };
}

type SilenceScope = {
  readonly written: Partially<GroupValues>['silence'];
  readonly template: Pick<PeerTemplate, 'keepalive' | 'heartbeat'>;
};

function silenceOf(
  context: ResolveContext,
  path: Path,
  { written, template }: SilenceScope,
): Pick<GroupSettings, 'silence'> {
  if (written === undefined) return {};
  const { up_to: upToMs = DEFAULT_SILENCE.upToMs, every: everyMs = DEFAULT_SILENCE.everyMs } = written;
  if (everyMs <= upToMs)
    addProblem(
      context,
      [...path, 'every'],
      `is ${formatDuration(everyMs)}; expected more than up_to, which is ${formatDuration(upToMs)}`,
    );
  return { silence: { upToMs, everyMs, configuredMs: configuredSilenceMs(template) } };
}

type HeartbeatScope = {
  readonly protocol: LoginSettings | null;
  readonly values: Partially<GroupValues>['heartbeat'];
};

/** With a protocol heartbeats are on unless they are turned off: they are how a peer that hangs is seen. */
function heartbeatOf(context: ResolveContext, path: Path, { protocol, values }: HeartbeatScope): Heartbeat | null {
  if (values === false) return null;
  if (protocol !== null) return resolveLoginHeartbeat(context, path, { protocol, values: values ?? {} });
  return values === undefined ? null : resolveHeartbeat(context, path, values);
}

/** The targets of each entry of `static_configs`: they share one object of labels. */
function staticTargets(targets: readonly LabelledTarget[]): readonly StaticTargets[] {
  const entries = Map.groupBy(targets, ({ labels }) => labels);
  return Array.from(entries, ([labels, found]) => ({ targets: found.map(({ written }) => written), labels }));
}
