import type { Config } from '../config/config.ts';
import type { AppliedDiff, ApplyOptions } from '../connections/fleet/fleet.ts';
import type { BuiltParts } from './build-parts.ts';

/**
 * Applies a configuration to parts that run: limits before peers, so that new peers keep them from their first connect.
 * Resolves when every peer has its settings; a fleet that is stopped meanwhile ends it early.
 */
export async function applyConfig(
  parts: BuiltParts,
  { global, tracing, groups }: Config,
  options: ApplyOptions,
): Promise<AppliedDiff> {
  parts.metrics.show(global);
  parts.fleet.setLimits(global);
  await parts.traces.reconfigure(tracing);
  return applyGroups(parts, groups, options);
}

/** Makes the peers of these groups the ones to hold. */
export async function applyGroups(
  { peers, fleet }: Pick<BuiltParts, 'peers' | 'fleet'>,
  groups: Config['groups'],
  options: ApplyOptions = {},
): Promise<AppliedDiff> {
  return fleet.apply(await peers.resolve(groups), options);
}
