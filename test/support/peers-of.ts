import { toPeers } from '../../src/discovery/to-peers.ts';
import type { GroupSettings } from '../../src/settings/peer-group.ts';
import { staticTargetsOf } from '../../src/settings/source-settings.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';

/** The peers that a group of a configuration gives. Fails where a target is refused. */
export function peersOf(group: GroupSettings | undefined): readonly PeerSettings[] {
  if (group === undefined) return [];
  const sets = staticTargetsOf(group.sources).map(({ targets, labels }, index) => ({
    source: `static_configs[${index}]`,
    targets: targets.map((address) => ({ __address__: address })),
    labels,
  }));
  const steps = toPeers(group.template, sets, null);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  for (const { target, why } of step.value.refused) throw new Error(`target "${target}" ${why}`);
  return Array.from(step.value.peers.values(), ({ settings }) => settings);
}
