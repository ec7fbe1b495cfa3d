import type { Config } from '../config/config.ts';
import type { AppliedDiff, ApplyOptions } from '../connections/fleet/fleet.ts';
import type { BuiltParts } from './build-parts.ts';
import type { ObserveMode } from './daemon-options.ts';

/**
 * Applies a configuration to parts that run: limits before peers, so that new peers keep them from their first connect.
 * Resolves when every peer has its settings; a fleet that is stopped meanwhile ends it early. Null:
 * discovery was stopped before there was anything to apply.
 */
export async function applyConfig(
  parts: BuiltParts,
  { global, tracing, groups }: Config,
  options: ApplyOptions,
): Promise<AppliedDiff | null> {
  parts.metrics.show(global);
  parts.fleet.setLimits(global);
  await parts.traces.reconfigure(tracing);
  return applyGroups(parts, groups, options);
}

/** Makes the peers of these groups the ones to hold and to observe, and finds their targets from now on. */
export function applyGroups(
  { peers, observe }: Pick<BuiltParts, 'peers' | 'observe'>,
  groups: Config['groups'],
  options: ApplyOptions = {},
): Promise<AppliedDiff | null> {
  return peers.configure(groupsFor(observe, groups), options);
}

/** The groups that there is something to do for. With `only` the loader has made all of them ones that are not held. */
function groupsFor(observe: ObserveMode, groups: Config['groups']): Config['groups'] {
  switch (observe) {
    case 'on':
      return groups;
    case 'only':
      return groups.filter(({ isObserved }) => isObserved === true);
    case 'off':
      return groups.filter(({ isHeld }) => isHeld !== false).map(unobserved);
  }
}

function unobserved(group: Config['groups'][number]): Config['groups'][number] {
  const { isObserved, ...others } = group;
  return isObserved === undefined ? group : others;
}
