import type { PeerTarget } from '../domain/peer-target.ts';
import type { DiscoveredGroup } from './discovered-group.ts';
import { nameKey } from './to-peer.ts';

/** The target of one peer of a group, as it is now, without going through the others; null: none makes it. */
export function findPeer(group: DiscoveredGroup, peer: string): PeerTarget | null {
  const key = nameKey(peer);
  const [target, ...others] = group.targets.claims.of(key);
  if (target?.outcome.kind === 'peer') {
    const { settings, announced } = target.outcome;
    return {
      settings,
      source: target.set.name,
      place: { entry: target.position + 1, of: target.set.targets.length },
      ruleEffects: group.targets.ruleEffects(target),
      state: stateOf(group, key),
      announced,
      duplicates: others.length,
    };
  }
  const left = group.lingering.get(peer);
  if (left === null) return null;
  const { settings, announced } = left.peer;
  const { until: lingerUntil, target: was } = left;
  return { settings, source: was.set.name, state: 'lingering', announced, duplicates: 0, lingerUntil };
}

function stateOf(group: DiscoveredGroup, key: string): PeerTarget['state'] {
  if (group.plan.isOtherShard(key)) return 'other_shard';
  return group.isLimitExceeded && !group.plan.has(key) ? 'over_limit' : 'active';
}
