import { compileRelabelRules, type Drop } from '../relabel/compile-relabel-rules.ts';
import { isSameSetting } from '../settings/is-same-setting.ts';
import type { GroupSettings } from '../settings/peer-group.ts';
import type { RuleEffect } from '../settings/relabel-rule.ts';
import { RecentLabels } from './exported-labels.ts';
import type { GroupEntry, PendingSet } from './group-entry.ts';
import { isSameLabels } from './is-same-labels.ts';
import { PeerClaims } from './peer-claims.ts';
import { labelsOf, type KnownTarget, type TargetSet, UnchangedTargets } from './target-set.ts';
import { toPeer, type TargetOutcome, type TargetRules } from './to-peer.ts';

/** What happens to targets of a group, for whoever reports it. */
export type TargetListener = {
  /** A target became invalid, or is so for another reason. */
  invalid(target: KnownTarget, why: string): void;
  /** Labels of a peer were left out. */
  cut(target: KnownTarget): void;
};

/** All targets of one group, what became of each, and which of them want to be which peer. */
export class GroupTargets {
  readonly claims = new PeerClaims();
  readonly #listener: TargetListener;
  #settings: GroupSettings;
  #rules: TargetRules;
  #entries: readonly GroupEntry[] = [];
  #dropped = 0;
  #invalid = 0;
  #changedSets = 0;
  readonly #goAtOnce = new Set<string>();

  constructor(settings: GroupSettings, listener: TargetListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#rules = rulesOf(settings);
  }

  get settings(): GroupSettings {
    return this.#settings;
  }

  /** In the order in which their targets count. */
  get entries(): readonly GroupEntry[] {
    return this.#entries;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get invalid(): number {
    return this.#invalid;
  }

  /** What dropped a target; null: nothing does by the rules of now. */
  findDrop(target: KnownTarget): Drop | null {
    return this.#rules.rules?.findDrop(labelsOf(target)) ?? null;
  }

  /** What the rules of now do to the labels of a target. */
  ruleEffects(target: KnownTarget): readonly RuleEffect[] {
    return this.#rules.rules?.effects(labelsOf(target)) ?? [];
  }

  /** Whether sets changed since `takeChangedSets` was called. */
  get hasChangedSets(): boolean {
    return this.#changedSets > 0;
  }

  /** The number of sets that changed since the last call. */
  takeChangedSets(): number {
    const changed = this.#changedSets;
    this.#changedSets = 0;
    return changed;
  }

  /** Peers that vanished with an entry, or a part of it, that was taken out of the configuration, since the last call. */
  takeGoneAtOnce(): ReadonlySet<string> {
    const keys = new Set(this.#goAtOnce);
    this.#goAtOnce.clear();
    return keys;
  }

  /**
   * New settings and entries, which may have the sets of their predecessors. Entries that are not among them lose their
   * targets. Where rules or settings of peers changed, all targets run through them again; no source is asked.
   */
  *reconfigure(settings: GroupSettings, entries: readonly GroupEntry[]): Generator<void, void> {
    const kept = new Set(entries.map(({ sets }) => sets));
    for (const entry of this.#entries) {
      if (kept.has(entry.sets)) continue;
      for (const set of entry.sets.values()) yield* this.#dropSet(entry, set);
    }
    this.#entries = entries;
    this.claims.markAll();
    const isSame =
      isSameSetting(this.#settings.template, settings.template) &&
      isSameSetting(this.#settings.relabelRules, settings.relabelRules);
    this.#settings = settings;
    if (!isSame) this.#rules = rulesOf(settings);
    if (this.#rules.rules !== null) yield* this.#rules.rules.prepare();
    if (isSame) return;
    for (const { sets } of entries) {
      for (const set of sets.values()) {
        for (const target of set.targets) {
          yield;
          this.#decide(target);
        }
      }
    }
  }

  /** Looks at the sets that their sources published since the last time. */
  *takePending(): Generator<void, void> {
    for (const entry of this.#entries) {
      for (const pending of entry.takePending()) yield* this.#takeSet(entry, pending);
    }
  }

  *#takeSet(entry: GroupEntry, { name, group, goesAtOnce }: PendingSet): Generator<void, void> {
    const known = entry.sets.get(name);
    if (group === null) {
      if (known === undefined) return;
      if (goesAtOnce)
        for (const target of known.targets) if (target.outcome.kind === 'peer') this.#goAtOnce.add(target.outcome.key);
      return yield* this.#dropSet(entry, known);
    }
    const hasSameLabels = known !== undefined && isSameLabels(known.labels, group.labels);
    const set: TargetSet = known ?? { name, origin: entry.origin, labels: group.labels, targets: [] };
    const unchanged = new UnchangedTargets(hasSameLabels ? set.targets : []);
    const gone = hasSameLabels ? null : set.targets;
    set.labels = group.labels;
    const targets: KnownTarget[] = [];
    let isChanged = known === undefined;
    for (const [position, own] of group.targets.entries()) {
      yield;
      const same = unchanged.take(own, position);
      const target = same ?? { set, own, position, outcome: UNDECIDED };
      if (same === null) isChanged = true;
      else if (same.position !== position) this.#move(same, position);
      if (same === null) this.#decide(target);
      targets.push(target);
    }
    entry.sets.set(name, set);
    set.targets = targets;
    for (const target of gone ?? unchanged.rest) {
      yield;
      isChanged = true;
      this.#forget(target.outcome, target);
    }
    if (isChanged) this.#changedSets++;
  }

  *#dropSet(entry: GroupEntry, set: TargetSet): Generator<void, void> {
    entry.sets.delete(set.name);
    this.#changedSets++;
    for (const target of set.targets) {
      yield;
      this.#forget(target.outcome, target);
    }
  }

  #move(target: KnownTarget, position: number): void {
    target.position = position;
    if (target.outcome.kind === 'peer') this.claims.moved(target.outcome.key);
  }

  /** What becomes of a target by the rules of now; what it was before is taken back. */
  #decide(target: KnownTarget): void {
    const before = target.outcome;
    const mechanism = this.#entries[target.set.origin.order]?.source.ref.mechanism;
    const outcome = toPeer(this.#rules, labelsOf(target), mechanism === 'static');
    this.#forget(before, target);
    target.outcome = outcome;
    switch (outcome.kind) {
      case 'peer':
        this.claims.add(outcome.key, target);
        if (outcome.isCut) this.#listener.cut(target);
        return;
      case 'dropped':
        this.#dropped++;
        return;
      case 'invalid':
        this.#invalid++;
        if (before.kind !== 'invalid' || before.why !== outcome.why) this.#listener.invalid(target, outcome.why);
    }
  }

  #forget(outcome: TargetOutcome, target: KnownTarget): void {
    if (outcome === UNDECIDED) return;
    switch (outcome.kind) {
      case 'peer':
        return this.claims.remove(outcome.key, target);
      case 'dropped':
        this.#dropped--;
        return;
      case 'invalid':
        this.#invalid--;
    }
  }
}

/** What became of a target that was not looked at yet. */
const UNDECIDED: TargetOutcome = { kind: 'dropped', rule: -1 };

function rulesOf({ template, relabelRules }: GroupSettings): TargetRules {
  const rules = relabelRules.length === 0 ? null : compileRelabelRules(relabelRules);
  return { template, rules, recentLabels: new RecentLabels() };
}
