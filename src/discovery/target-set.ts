import { isSameLabels } from './is-same-labels.ts';
import type { TargetLabels } from './peer-source.ts';
import type { TargetOutcome } from './to-peer.ts';

/** The entry of a group that a set of targets comes from, as far as the order of targets goes. */
export type SetOrigin = {
  /** The place among the entries of the group: static, file, dns, http, kubernetes, then as they stand. */
  readonly order: number;
  /** How long a peer of it may outlive its target. */
  readonly lingerMs: number;
};

/** A set of targets of one entry, with what became of each. */
export type TargetSet = {
  readonly name: string;
  /** The entry that has it now: a changed entry takes the sets of its predecessor over. */
  origin: SetOrigin;
  labels: TargetLabels;
  targets: readonly KnownTarget[];
};

/** One target and what became of it. It stays the same object while its labels do. */
export type KnownTarget = {
  readonly set: TargetSet;
  /** As the source published it, without the labels of its set. */
  readonly own: TargetLabels;
  position: number;
  outcome: TargetOutcome;
};

/** Of two targets with the same peer the first in this order counts: by entry, then name of the set, then position. */
export function compareTargets(one: KnownTarget, other: KnownTarget): number {
  const byOrigin = one.set.origin.order - other.set.origin.order;
  if (byOrigin !== 0) return byOrigin;
  if (one.set !== other.set) return one.set.name < other.set.name ? -1 : 1;
  return one.position - other.position;
}

/** The labels of a target over those of its set. */
export function labelsOf({ set, own }: KnownTarget): TargetLabels {
  return { ...set.labels, ...own };
}

/** Finds among the targets of a set as it was those that are unchanged, each once. */
export class UnchangedTargets {
  readonly #before: readonly KnownTarget[];
  readonly #used = new Set<KnownTarget>();
  #byAddress: Map<string, KnownTarget[]> | null = null;

  constructor(before: readonly KnownTarget[]) {
    this.#before = before;
  }

  /** The target that had these labels, at the same position or at another one. */
  take(own: TargetLabels, position: number): KnownTarget | null {
    const there = this.#before[position];
    const found = there !== undefined && this.#fits(there, own) ? there : this.#elsewhere(own);
    if (found === undefined) return null;
    this.#used.add(found);
    return found;
  }

  /** Those that were not taken: they are gone, or have other labels now. */
  get rest(): readonly KnownTarget[] {
    return this.#before.filter((target) => !this.#used.has(target));
  }

  #fits(target: KnownTarget, own: TargetLabels): boolean {
    return !this.#used.has(target) && isSameLabels(target.own, own);
  }

  #elsewhere(own: TargetLabels): KnownTarget | undefined {
    if (this.#before.length === 0) return undefined;
    this.#byAddress ??= Map.groupBy(this.#before, (target) => target.own['__address__'] ?? '');
    return this.#byAddress.get(own['__address__'] ?? '')?.find((target) => this.#fits(target, own));
  }
}
