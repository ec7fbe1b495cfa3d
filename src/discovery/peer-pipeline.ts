import type { Clock } from '../clock/clock.ts';
import { runInSlices } from '../clock/run-in-slices.ts';
import { expectsAnswer } from '../settings/heartbeat.ts';
import type { GroupSettings, PeerGroup } from '../settings/peer-group.ts';
import { createSource } from './discovery-kinds.ts';
import type { PeerSource, TargetGroup } from './peer-source.ts';
import { type RefusedTarget, type ResolvedPeers, toPeers } from './to-peers.ts';

/** Makes the peers of all groups from what their sources published. */
export class PeerPipeline {
  readonly #clock: Clock;
  readonly #onRefused: (target: RefusedTarget) => void;
  #resolved: ReadonlyMap<string, ResolvedPeers> = new Map();
  #last: Promise<unknown> = Promise.resolve();

  /** @param onRefused called for each target that becomes no peer, at each resolving */
  constructor(clock: Clock, onRefused: (target: RefusedTarget) => void) {
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  /**
   * The groups with their peers, in the order given. A target that did not change keeps its settings object. The work is
   * done in slices; who asks twice is answered in the order of asking.
   */
  resolve(groups: readonly GroupSettings[]): Promise<readonly PeerGroup[]> {
    const result = this.#last.then(() => runInSlices(this.#clock, this.#resolveSteps(groups)));
    this.#last = result;
    return result.then((resolved) => resolved ?? []);
  }

  *#resolveSteps(groups: readonly GroupSettings[]): Generator<void, readonly PeerGroup[]> {
    const resolved = new Map<string, ResolvedPeers>();
    const result: PeerGroup[] = [];
    for (const { name, template, sources } of groups) {
      const found = yield* toPeers(
        template,
        sources.map(createSource).flatMap(publishedBy),
        this.#resolved.get(name) ?? null,
      );
      resolved.set(name, found);
      found.refused.forEach(this.#onRefused);
      const peers = Array.from(found.peers.values(), ({ settings }) => settings);
      const { tls, heartbeat } = template;
      result.push({ name, tls: tls !== null, expectsAnswer: expectsAnswer(heartbeat), peers });
    }
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
