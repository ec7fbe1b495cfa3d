import type { GroupSettings, PeerGroup } from '../settings/peer-group.ts';
import { DISCOVERY_KINDS } from './discovery-kinds.ts';
import type { PeerSource, TargetGroup } from './peer-source.ts';
import { type RefusedTarget, type ResolvedPeers, toPeers } from './to-peers.ts';

/** Makes the peers of all groups from what their sources published. */
export class PeerPipeline {
  readonly #onRefused: (target: RefusedTarget) => void;
  #resolved: ReadonlyMap<string, ResolvedPeers> = new Map();

  /** @param onRefused called for each target that becomes no peer, at each resolving */
  constructor(onRefused: (target: RefusedTarget) => void) {
    this.#onRefused = onRefused;
  }

  /** The groups with their peers, in the order given. A target that did not change keeps its settings object. */
  resolve(groups: readonly GroupSettings[]): readonly PeerGroup[] {
    const resolved = new Map<string, ResolvedPeers>();
    const result = groups.map(({ name, template, staticTargets }) => {
      const sources = [DISCOVERY_KINDS.static.create(staticTargets)];
      const steps = toPeers(template, sources.flatMap(publishedBy), this.#resolved.get(name) ?? null);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      resolved.set(name, step.value);
      step.value.refused.forEach(this.#onRefused);
      const peers = Array.from(step.value.peers.values(), ({ settings }) => settings);
      return { name, tls: template.tls !== null, peers };
    });
    this.#resolved = resolved;
    return result;
  }
}

/** What a source publishes before `start` returns: static targets are all there at once. */
function publishedBy(source: PeerSource): readonly TargetGroup[] {
  const sets = new Map<string, TargetGroup>();
  source.start((update) => {
    if (update.kind === 'groups') for (const set of update.groups) sets.set(set.source, set);
  });
  source.stop();
  return [...sets.values()];
}
