import { hasMd5 } from '../../relabel/hash-modulus.ts';
import { isLabelTemplate } from '../../relabel/label-template.ts';
import { DEFAULT_RELABEL_RULE, type RelabelAction, type RelabelRule } from '../../settings/relabel-rule.ts';
import { isLabelName } from '../../text/label-name.ts';
import { quoteValue } from '../../text/quote-value.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { RelabelConfigValues } from '../schema/relabel-configs.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

type Written = Partially<RelabelConfigValues>;
type Key = keyof RelabelConfigValues;

/** The keys that stand for what an action has no use for. */
type Grammar = {
  /** A label name, or one with groups in it; null: not used. */
  readonly target: 'name' | 'template' | null;
  /** Keys that are refused, unless they say what holds anyway. */
  readonly refuses: readonly Key[];
  /** What it takes, for the message. */
  readonly takes: string;
};

const ONLY_REGEX: Grammar = {
  target: null,
  refuses: ['source_labels', 'separator', 'target_label', 'replacement', 'modulus'],
  takes: 'only regex',
};
const ONLY_LABELS: Grammar = {
  target: 'name',
  refuses: ['regex', 'separator', 'replacement', 'modulus'],
  takes: 'only source_labels and target_label',
};
const NO_REPLACEMENT: Grammar = { target: 'name', refuses: ['replacement'], takes: 'no replacement' };
const ANY_KEY: Grammar = { target: null, refuses: [], takes: '' };

/** What Prometheus takes and refuses (Config.Validate of model/relabel). */
const GRAMMARS: Readonly<Record<RelabelAction, Grammar>> = {
  replace: { ...ANY_KEY, target: 'template' },
  keep: ANY_KEY,
  drop: ANY_KEY,
  keepequal: ONLY_LABELS,
  dropequal: ONLY_LABELS,
  hashmod: { ...ANY_KEY, target: 'name' },
  labelmap: ANY_KEY,
  labeldrop: ONLY_REGEX,
  labelkeep: ONLY_REGEX,
  lowercase: NO_REPLACEMENT,
  uppercase: NO_REPLACEMENT,
};

/** Why a pattern does not compile; null: it does. Many groups have the same patterns, so this may remember. */
export type PatternCheck = (regex: string) => string | null;

/** The rules, with their defaults. What is wrong is noted; the result is of use only when nothing was. */
export function resolveRelabelRules(
  context: ResolveContext,
  path: Path,
  {
    written,
    checkPattern,
  }: { readonly written: readonly (Written | undefined)[]; readonly checkPattern: PatternCheck },
): readonly RelabelRule[] {
  return written.flatMap((config, index) => {
    if (config === undefined) return [];
    const rulePath = [...path, index];
    const rule = toRule(context, rulePath, config);
    const problem = isValid(context, [...rulePath, 'regex']) ? checkPattern(rule.regex) : null;
    if (problem !== null) addProblem(context, [...rulePath, 'regex'], problem);
    // Nothing can be said about the other keys where it is not known what the rule does.
    if (isValid(context, [...rulePath, 'action'])) checkRule(context, rulePath, { rule, config });
    return [rule];
  });
}

function toRule(context: ResolveContext, path: Path, config: Written): RelabelRule {
  const standard = DEFAULT_RELABEL_RULE;
  const text = (key: 'separator' | 'regex' | 'target_label' | 'replacement'): string | undefined => {
    const value = config[key];
    if (value === undefined || typeof value === 'string') return value;
    return context.source.writtenAt([...path, key]) ?? String(value);
  };
  return {
    action: config.action ?? standard.action,
    sourceLabels: (config.source_labels ?? []).filter((name) => name !== undefined),
    separator: text('separator') ?? standard.separator,
    regex: text('regex') ?? standard.regex,
    targetLabel: text('target_label') ?? standard.targetLabel,
    replacement: text('replacement') ?? standard.replacement,
    modulus: toModulus(config.modulus ?? 0, context.source.writtenAt([...path, 'modulus'])),
  };
}

/** All digits of what is written: a number holds 53 bits. */
function toModulus(value: number, written: string | null): bigint {
  return written !== null && /^[0-9]+$/.test(written) ? BigInt(written) : BigInt(value);
}

type Scope = { readonly rule: RelabelRule; readonly config: Written };

function checkRule(context: ResolveContext, path: Path, { rule, config }: Scope): void {
  const { action, replacement, modulus } = rule;
  const { refuses, takes } = GRAMMARS[action];
  const superfluous = refuses.filter((key) => isSuperfluous(key, { rule, config }));
  if (superfluous.length > 0) {
    addProblem(context, path, `has action ${action} with ${superfluous.join(', ')}; ${action} takes ${takes}`);
  }
  checkTarget(context, [...path, 'target_label'], { rule, config });
  if (action === 'labelmap' && isValid(context, [...path, 'replacement']) && !isLabelTemplate(replacement)) {
    const message = `is ${quoteValue(replacement)}; action labelmap needs a label name, in which $1 may stand for a group`;
    addProblem(context, [...path, 'replacement'], message);
  }
  if (modulus > 2n ** 64n - 1n) addProblem(context, [...path, 'modulus'], 'is more than 18446744073709551615');
  if (action !== 'hashmod') return;
  if (modulus === 0n && isValid(context, [...path, 'modulus'])) {
    const message = config.modulus === undefined ? 'is missing; action hashmod needs it' : 'is 0; expected at least 1';
    addProblem(context, [...path, 'modulus'], message);
  }
  if (!hasMd5())
    addProblem(context, [...path, 'action'], 'is hashmod, which needs MD5: this Node.js refuses it (FIPS)');
}

/** A key that says what holds anyway does no harm, but for a list or a pattern: Prometheus looks at what it means. */
function isSuperfluous(key: Key, { rule, config }: Scope): boolean {
  switch (key) {
    case 'separator':
      return rule.separator !== DEFAULT_RELABEL_RULE.separator;
    case 'target_label':
      return rule.targetLabel !== '';
    case 'replacement':
      return rule.replacement !== DEFAULT_RELABEL_RULE.replacement;
    case 'modulus':
      return rule.modulus !== 0n;
    case 'source_labels':
    case 'regex':
    case 'action':
      return config[key] !== undefined;
  }
}

function checkTarget(context: ResolveContext, path: Path, { rule: { action, targetLabel }, config }: Scope): void {
  const { target } = GRAMMARS[action];
  if (target === null || !isValid(context, path)) return;
  if (config.target_label === undefined) addProblem(context, path, `is missing; action ${action} needs it`);
  else if (target === 'template' && !isLabelTemplate(targetLabel)) {
    const message = `is ${quoteValue(targetLabel)}; action ${action} needs a label name, in which $1 may stand for a group`;
    addProblem(context, path, message);
  } else if (target === 'name' && !isLabelName(targetLabel)) {
    addProblem(context, path, `is ${quoteValue(targetLabel)}; action ${action} needs a label name`);
  }
}
