import type { RelabelRule, RuleEffect } from '../settings/relabel-rule.ts';
import { compileRule, joinedValue, LONGEST_VALUE, type Outcome, type Step } from './compile-rule.ts';
import { LabelSet, type Labels } from './label-set.ts';
import { prepareEngine } from './pattern.ts';

/** What the rules make of a target. */
export type Relabelled =
  /** The labels after all rules: the object that was given where nothing changed. */
  | { readonly kind: 'kept'; readonly labels: Labels }
  /** The rule at this place, from 0, drops it. */
  | { readonly kind: 'dropped'; readonly rule: number }
  /** The rule at this place cannot be applied; `why` is the end of a sentence that begins with the target. */
  | { readonly kind: 'refused'; readonly rule: number; readonly why: string };

/** Why a target is dropped. */
export type Drop = {
  readonly rule: number;
  readonly settings: RelabelRule;
  /** What the rule looked at. */
  readonly value: string;
  /** The value of the target label, for `keepequal` and `dropequal`. */
  readonly targetValue: string;
};

/** Rules of one group. They remember what they computed, so keep them as long as the rules stay the same. */
export interface CompiledRules {
  /**
   * Compiles what is not compiled yet, one rule in each step, and tries it, so that the first target does not pay for all:
   * the engine and its first pattern take 10 to 40 ms.
   */
  prepare(): Generator<void, void>;
  apply(labels: Labels): Relabelled;
  /** What drops a target with these labels; null: nothing does. */
  findDrop(labels: Labels): Drop | null;
  /** Each rule that changes labels of this target, in their order, up to one that drops it. */
  effects(labels: Labels): readonly RuleEffect[];
}

/** Has a name and a value, so that a rule looks at both. */
const NO_TARGET: Labels = { __address__: '-' };

/**
 * Makes rules ready to be applied, in their order. A rule is compiled by `prepare`, or when the first target comes to it,
 * which takes 0.5 ms at most for usual patterns. The rules must have been checked: a pattern that does not compile throws then.
 */
export function compileRelabelRules(rules: readonly RelabelRule[]): CompiledRules {
  const steps: Step[] = [];
  const endOf = (labels: LabelSet): { readonly rule: number; readonly outcome: Outcome } => {
    for (const [rule, settings] of rules.entries()) {
      const step = (steps[rule] ??= compileRule(settings));
      const outcome = step(labels);
      if (outcome !== 'kept') return { rule, outcome };
    }
    return { rule: rules.length, outcome: 'kept' };
  };
  return {
    *prepare() {
      yield* prepareEngine();
      for (const [rule, settings] of rules.entries()) {
        if (steps[rule] !== undefined) continue;
        yield;
        steps[rule] = compileRule(settings);
        yield;
        steps[rule](new LabelSet({ ...NO_TARGET }));
      }
    },
    apply(labels) {
      const set = new LabelSet(labels);
      const { rule, outcome } = endOf(set);
      switch (outcome) {
        case 'kept':
          return { kind: 'kept', labels: set.result() };
        case 'dropped':
          return { kind: 'dropped', rule };
        case 'tooLong':
          return { kind: 'refused', rule, why: tooLong(rule) };
      }
    },
    effects: (labels) => effectsOf(rules, (rule, settings) => (steps[rule] ??= compileRule(settings)), labels),
    findDrop(labels) {
      const set = new LabelSet(labels);
      const { rule, outcome } = endOf(set);
      const settings = rules[rule];
      if (outcome !== 'dropped' || settings === undefined) return null;
      return { rule, settings, value: joinedValue(settings, set), targetValue: set.get(settings.targetLabel) };
    },
  };
}

function effectsOf(
  rules: readonly RelabelRule[],
  stepOf: (rule: number, settings: RelabelRule) => Step,
  labels: Labels,
): readonly RuleEffect[] {
  const set = new LabelSet(labels);
  const effects: RuleEffect[] = [];
  let before = new Map(set.entries());
  for (const [rule, settings] of rules.entries()) {
    if (stepOf(rule, settings)(set) !== 'kept') break;
    const after = new Map(set.entries());
    const changed = [...after].filter(([name, value]) => before.get(name) !== value).map(([name]) => name);
    const removed = [...before.keys()].filter((name) => !after.has(name));
    if (changed.length + removed.length > 0)
      effects.push({ rule, sources: settings.sourceLabels, set: changed, removed });
    before = after;
  }
  return effects;
}

function tooLong(rule: number): string {
  return `has a value for relabel_configs[${rule}] of more than ${LONGEST_VALUE} characters, the most that a rule takes`;
}
