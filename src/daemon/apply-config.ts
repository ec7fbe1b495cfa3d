import type { Config } from '../config/config.ts';
import type { AppliedDiff, ApplyOptions } from '../connections/fleet/fleet.ts';
import type { BuiltParts } from './build-parts.ts';

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

/** Makes the peers of these groups the ones to hold, and finds their targets from now on. */
export function applyGroups(
  { peers, observer }: Pick<BuiltParts, 'peers' | 'observer'>,
  groups: Config['groups'],
  options: ApplyOptions = {},
): Promise<AppliedDiff | null> {
  return peers.configure(observer === null ? groups.map(unobserved) : groups, options);
}

function unobserved(group: Config['groups'][number]): Config['groups'][number] {
  const { isObserved, ...others } = group;
  return isObserved === undefined ? group : others;
}
