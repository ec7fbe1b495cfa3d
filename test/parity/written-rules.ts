import { DEFAULT_RELABEL_RULE, RELABEL_ACTIONS, type RelabelRule } from '../../src/settings/relabel-rule.ts';
import { pick, randomPattern } from '../support/relabel-chains.ts';

/** A rule as a configuration writes it, without what holds anyway. */
export function writtenRule(rule: RelabelRule): object {
  const standard = DEFAULT_RELABEL_RULE;
  return {
    ...(rule.action !== standard.action && { action: rule.action }),
    ...(rule.sourceLabels.length > 0 && { source_labels: rule.sourceLabels }),
    ...(rule.separator !== standard.separator && { separator: rule.separator }),
    ...(rule.regex !== standard.regex && { regex: rule.regex }),
    ...(rule.targetLabel !== standard.targetLabel && { target_label: rule.targetLabel }),
    ...(rule.replacement !== standard.replacement && { replacement: rule.replacement }),
    ...(rule.modulus !== standard.modulus && { modulus: rule.modulus }),
  };
}

const ODD_PATTERNS = [
  '(',
  ')',
  '(abc',
  'a)',
  'a)|(b',
  'a)|(?:b',
  '[',
  '[a',
  '[z-a]',
  '[]a]',
  '[^]',
  '[a-\\d]',
  '[\\d-z]',
  '[[:foo:]]',
  '[[:word:]]',
  'a**',
  'a++',
  'a+?',
  'a??',
  '*a',
  '+',
  '?',
  '|',
  'a{,2}',
  'a{2,1}',
  'a{0}',
  'a{1000}',
  'a{1001}',
  'a{2}{3}',
  '((a{100}){100}){100}',
  '(?=a)',
  '(?!a).*',
  '(?<=a)',
  '(?<!a)',
  '(?>a)',
  '(?#c)',
  '(?z)',
  '(?i',
  '(?i)(?-i)a',
  '(?P<n>a)',
  '(?<n>a)',
  "(?'n'a)",
  '(?P<1a>x)',
  '(?P<>x)',
  '(?P<n',
  '(?P=n)',
  '(?P<n n>a)',
  '\\',
  '\\1',
  '\\8',
  '\\07',
  '\\a',
  '\\b',
  '\\C',
  '\\h',
  '\\k<n>',
  '\\pL',
  '\\pX',
  '\\p{Greek}',
  '\\p{^Greek}',
  '\\P{Greek}',
  '\\p{Foo}',
  '\\p{Lu',
  '\\Q',
  '\\Qab',
  '\\Q(\\E',
  '\\R',
  '\\u0041',
  '\\x41',
  '\\x{41}',
  '\\x{110000}',
  '\\xZZ',
  '\\Z',
  '\\z',
  '\\_',
  '\\é',
  '\\-',
  '^a$',
  '(?m)^a$',
  '',
] as const;
const ODD_TEXTS = [
  '',
  'a',
  'a-b',
  '-a',
  '1a',
  '$1',
  '$1x',
  '${1}_x',
  '${',
  'a${',
  'x$2y',
  '$',
  '$$',
  'é',
  ' ',
  '__a',
] as const;
const ODD_MODULI = [0, 1, 8, 2 ** 53, -1, true, 'x', []] as const;
const ODD_LABELS = [[], ['a'], ['a', '__b'], 'a', [['a']]] as const;
const ODD_SEPARATORS = [';', '', ':', 1, true, []] as const;

/** A rule of keys drawn at random: right, superfluous, missing, or with a value that nobody should take. */
export function oddRule(random: () => number): object {
  const rule: Record<string, unknown> = {};
  const maybe = (key: string, chance: number, value: () => unknown): void => {
    if (random() < chance) rule[key] = value();
  };
  maybe('action', 0.9, () => oddAction(random));
  maybe('source_labels', 0.3, () => pick(random, ODD_LABELS));
  maybe('separator', 0.15, () => pick(random, ODD_SEPARATORS));
  maybe('regex', 0.35, () => oddPattern(random));
  maybe('target_label', 0.6, () => oddText(random));
  maybe('replacement', 0.3, () => (random() < 0.2 ? '$1' : oddText(random)));
  maybe('modulus', 0.25, () => pick(random, ODD_MODULI));
  maybe('source_label', 0.02, () => ['a']);
  return rule;
}

function oddAction(random: () => number): unknown {
  const action = pick(random, RELABEL_ACTIONS);
  const draw = random();
  if (draw < 0.05) return pick(random, ['', 'kep', 'label_drop', 'keep ', 5, []]);
  return draw < 0.2 ? action.toUpperCase() : action;
}

function oddPattern(random: () => number): unknown {
  const draw = random();
  if (draw < 0.1) return pick(random, [true, false, 1, 80, 0.5, [], ['a']]);
  return draw < 0.7 ? pick(random, ODD_PATTERNS) : randomPattern(random);
}

function oddText(random: () => number): unknown {
  return random() < 0.06 ? pick(random, [1, true, ['a']]) : pick(random, ODD_TEXTS);
}
