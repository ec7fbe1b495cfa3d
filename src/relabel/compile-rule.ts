import type { RelabelRule } from '../settings/relabel-rule.ts';
import { isLabelName } from '../text/label-name.ts';
import { hashModulus } from './hash-modulus.ts';
import type { LabelSet } from './label-set.ts';
import { toLowerCase, toUpperCase } from './map-case.ts';
import { Memo } from './memo.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { rewriteName } from './rewrite-name.ts';
import { expandTemplate, parseTemplate } from './template.ts';

/** What a rule makes of a target. `tooLong`: it was not decided, since the value would hold up the event loop. */
export type Outcome = 'kept' | 'dropped' | 'tooLong';

/** Applies one rule: changes the labels, or says that the target goes. */
export type Step = (labels: LabelSet) => Outcome;

/**
 * Matching with groups takes 1.3 us for each character, and the annotation of a pod may have 256 Ki of them: at 4 Ki it
 * holds the event loop for 5 ms.
 */
export const LONGEST_VALUE = 4096;
/** Results that one rule keeps of values: more than one group usually has. */
const MOST_VALUES = 4096;
/** Label names repeat over all targets; annotations and labels of pods make some thousands at most. */
const MOST_NAMES = 10_000;

/** The rule as a step. Throws when its pattern does not compile: the configuration has checked that. */
export function compileRule(rule: RelabelRule): Step {
  const { action, targetLabel, modulus } = rule;
  switch (action) {
    case 'replace':
      return replaceStep(rule);
    case 'keep':
    case 'drop':
      return filterStep(rule);
    case 'keepequal':
      return (labels) => (labels.get(targetLabel) === joinedValue(rule, labels) ? 'kept' : 'dropped');
    case 'dropequal':
      return (labels) => (labels.get(targetLabel) === joinedValue(rule, labels) ? 'dropped' : 'kept');
    case 'hashmod':
      return valueStep(rule, (value) => hashModulus(value, modulus));
    case 'lowercase':
      return valueStep(rule, toLowerCase);
    case 'uppercase':
      return valueStep(rule, toUpperCase);
    case 'labelmap':
      return labelMapStep(rule);
    case 'labeldrop':
    case 'labelkeep':
      return nameFilterStep(rule);
  }
}

/** What the rule looks at. */
export function joinedValue({ sourceLabels, separator }: RelabelRule, labels: LabelSet): string {
  const [only, ...more] = sourceLabels;
  if (only === undefined) return '';
  return more.length === 0 ? labels.get(only) : sourceLabels.map((name) => labels.get(name)).join(separator);
}

/** Remembers results where computing them needs the engine. */
function remembered<Result extends boolean | object | string | null>(
  pattern: Pattern,
  most: number,
  compute: (key: string) => Result,
): (key: string) => Result {
  if (pattern.isCheap) return compute;
  const memo = new Memo(most, compute);
  return (key) => memo.get(key);
}

function isTooLong(value: string, pattern: Pattern): boolean {
  return !pattern.isCheap && value.length > LONGEST_VALUE;
}

function filterStep(rule: RelabelRule): Step {
  const pattern = compilePattern(rule.regex);
  const matches = remembered(pattern, MOST_VALUES, (value) => pattern.test(value));
  const [whenMatched, otherwise] =
    rule.action === 'keep' ? (['kept', 'dropped'] as const) : (['dropped', 'kept'] as const);
  return (labels) => {
    const value = joinedValue(rule, labels);
    if (isTooLong(value, pattern)) return 'tooLong';
    return matches(value) ? whenMatched : otherwise;
  };
}

function replaceStep(rule: RelabelRule): Step {
  const pattern = compilePattern(rule.regex);
  const target = parseTemplate(rule.targetLabel, pattern.groupNames);
  const replacement = parseTemplate(rule.replacement, pattern.groupNames);
  const isConstant = target.isConstant && replacement.isConstant;
  const change = remembered(pattern, MOST_VALUES, (value) => {
    const match = isConstant ? (pattern.test(value) ? [] : null) : pattern.match(value);
    if (match === null) return null;
    const name = expandTemplate(target, match);
    return isLabelName(name) ? { name, value: expandTemplate(replacement, match) } : null;
  });
  return (labels) => {
    const value = joinedValue(rule, labels);
    if (isTooLong(value, pattern)) return 'tooLong';
    const found = change(value);
    if (found !== null) labels.set(found.name, found.value);
    return 'kept';
  };
}

function valueStep(rule: RelabelRule, map: (value: string) => string): Step {
  return (labels) => {
    const value = joinedValue(rule, labels);
    if (value.length > LONGEST_VALUE) return 'tooLong';
    labels.set(rule.targetLabel, map(value));
    return 'kept';
  };
}

/** Of two names that become the same, the last in alphabetical order wins: in Prometheus that is left to chance. */
function labelMapStep({ regex, replacement }: RelabelRule): Step {
  const pattern = compilePattern(regex);
  const template = parseTemplate(replacement, pattern.groupNames);
  const rename = remembered(pattern, MOST_NAMES, (name) => {
    const renamed = rewriteName(name, pattern, template);
    return renamed !== null && isLabelName(renamed) ? renamed : null;
  });
  return (labels) => {
    const cameFrom = new Map<string, string>();
    for (const [name, value] of labels.entries()) {
      const renamed = rename(name);
      if (renamed === null || name < (cameFrom.get(renamed) ?? '')) continue;
      cameFrom.set(renamed, name);
      labels.set(renamed, value);
    }
    return 'kept';
  };
}

function nameFilterStep({ action, regex }: RelabelRule): Step {
  const pattern = compilePattern(regex);
  const matches = remembered(pattern, MOST_NAMES, (name) => pattern.test(name));
  const goesWhen = action === 'labeldrop';
  return (labels) => {
    for (const [name] of labels.entries()) if (matches(name) === goesWhen) labels.set(name, '');
    return 'kept';
  };
}
