import { PeerPipeline } from '../../src/discovery/peer-pipeline.ts';
import type { GroupSettings } from '../../src/settings/peer-group.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';

/** The peers that a group of a configuration gives. Fails where a target is refused. */
export function peersOf(group: GroupSettings | undefined): readonly PeerSettings[] {
  if (group === undefined) return [];
  const pipeline = new PeerPipeline(({ target, why }) => {
    throw new Error(`target "${target}" ${why}`);
  });
  return pipeline.resolve([group]).flatMap(({ peers }) => peers);
}
