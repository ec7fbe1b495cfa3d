import { RecentLabels } from '../../src/discovery/exported-labels.ts';
import { toPeer } from '../../src/discovery/to-peer.ts';
import type { GroupSettings } from '../../src/settings/peer-group.ts';
import { staticTargetsOf } from '../../src/settings/source-settings.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';

/** The peers that the static targets of a group without rules give. Fails where a target is refused. */
export function peersOf(group: GroupSettings | undefined): readonly PeerSettings[] {
  if (group === undefined) return [];
  const rules = { template: group.template, rules: null, recentLabels: new RecentLabels() };
  return staticTargetsOf(group.sources).flatMap(({ targets, labels }) =>
    targets.map((address) => {
      const outcome = toPeer(rules, { ...labels, __address__: address }, true);
      if (outcome.kind !== 'peer') throw new Error(`target "${address}" is ${outcome.kind}`);
      return outcome.settings;
    }),
  );
}
