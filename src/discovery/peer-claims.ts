import { compareTargets, type KnownTarget } from './target-set.ts';

/** Which targets of a group want to be which peer. The first in the order of targets is the peer, the others are duplicates. */
export class PeerClaims {
  readonly #targets = new Map<string, KnownTarget[]>();
  #changed = new Set<string>();
  /** Peers whose targets may stand in the wrong order. */
  readonly #unsorted = new Set<string>();
  #count = 0;

  add(key: string, target: KnownTarget): void {
    this.#changed.add(key);
    this.#count++;
    const targets = this.#targets.get(key);
    if (targets === undefined) this.#targets.set(key, [target]);
    else {
      targets.push(target);
      this.#unsorted.add(key);
    }
  }

  remove(key: string, target: KnownTarget): void {
    const targets = this.#targets.get(key);
    const index = targets?.indexOf(target) ?? -1;
    if (targets === undefined || index === -1) return;
    this.#changed.add(key);
    this.#count--;
    targets.splice(index, 1);
    if (targets.length === 0) this.#targets.delete(key);
  }

  /** The target moved: another one with the same peer may come first now. */
  moved(key: string): void {
    if ((this.#targets.get(key)?.length ?? 0) < 2) return;
    this.#changed.add(key);
    this.#unsorted.add(key);
  }

  /** All targets of a peer, the one that counts first. */
  of(key: string): readonly KnownTarget[] {
    const targets = this.#targets.get(key) ?? [];
    if (this.#unsorted.delete(key)) targets.sort(compareTargets);
    return targets;
  }

  /** Peers. */
  get size(): number {
    return this.#targets.size;
  }

  get duplicates(): number {
    return this.#count - this.#targets.size;
  }

  /** Peers whose targets changed since `takeChanged` was called. */
  get changed(): ReadonlySet<string> {
    return this.#changed;
  }

  /** Looks at every peer anew: the order of entries, or who owns a peer, is another one. */
  markAll(): void {
    for (const [key, targets] of this.#targets) {
      this.#changed.add(key);
      if (targets.length > 1) this.#unsorted.add(key);
    }
  }

  /** The keys of the peers whose targets changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}
