import type { Labels } from '../../src/relabel/label-set.ts';
import { DEFAULT_RELABEL_RULE, RELABEL_ACTIONS, type RelabelRule } from '../../src/settings/relabel-rule.ts';

/** Labels of a target, and rules to put it through. */
export type RelabelChain = { readonly labels: Labels; readonly rules: readonly RelabelRule[] };

/** Pieces of patterns that both Go and we take; together they make most of RE2's syntax. */
const ATOMS = [
  'a',
  'b',
  'foo',
  'bar',
  '.',
  '.*',
  '.+',
  '.*?',
  '(.*)',
  '(.+)',
  '(.*?)',
  '([a-z]+)',
  '([^;]*)',
  '(?:foo|bar)',
  '(foo|bar)?',
  '(a|b|ab)(c|bcd)?',
  '\\d+',
  '(\\d+)',
  '(?::(\\d+))?',
  '[[:alpha:]]+',
  '\\w*',
  '\\W',
  '\\s*',
  '\\bfoo\\b',
  '\\pL+',
  '(\\p{Greek}*)',
  '[^\\x00-\\x7F]*',
  '(?i)FOO',
  '(?i:straSSe|ß|ſ|k)',
  '(?-s:.*)',
  '(?m:^.*$)',
  '(?P<name>[a-z]*)',
  '(?<port>\\d*)',
  'x{2,3}',
  '(x{0,2})',
  '\\.',
  '\\-',
  '_',
  ';',
  ':',
  '^',
  '$',
  '\\Q.*\\E',
  '\\x{1F600}?',
  '💥*',
  'é',
  '()',
  '|',
  '(?U)(a*)',
  '\\A',
  '\\z',
  '\\n?',
] as const;
const WHOLE_PATTERNS = [
  '(.*)',
  '.*',
  '(.+)',
  '.+',
  '',
  'foo',
  'foo|bar',
  '(foo|bar)',
  'true',
  'a\\.b|a-b',
  '__meta_(.+)',
];
const NAMES = [
  '__address__',
  '__meta_a',
  '__meta_b_port',
  '__tmp',
  'a',
  'b',
  'b1',
  'b2',
  'foo',
  'job',
  'constructor',
  '__proto__',
];
const VALUES = [
  'foo',
  'bar',
  'foobar',
  'a',
  'ab',
  'abcd',
  'a.b',
  'a-b',
  '10.0.0.1:6379',
  '[::1]:80',
  'redis-0',
  'true',
  '1',
  'xx',
  'foo\nbar',
  'Straße',
  'ΑΣ ὈΔΥΣΣΕΎΣ ᾳ',
  'İstanbul ıſK',
  'ŉ ǅ ǰ ΐ ﬁ',
  'é😀💥',
  '$1 ${name}',
  ' ',
  ';',
] as const;
const TEMPLATES = [
  '$1',
  '${1}',
  '$2',
  '$0',
  '$10',
  '$01',
  '$1x',
  '${1}x',
  '$$',
  '$',
  '${',
  '${}',
  '${1',
  '$$1',
  '$name',
  '${name}_${port}',
  '$nameé',
  'x',
  '',
  'x$1y$2',
  '$1$1',
  '$-',
  'é$1',
] as const;
/** Those that may stand in `target_label` of `replace` and in `replacement` of `labelmap`. */
const TARGETS = [
  'a',
  'b',
  'foo',
  '__tmp',
  '$1',
  '${1}',
  'x$1',
  'x_${2}',
  '$1_y',
  '$name',
  'n_${port}_',
  '$1x',
] as const;
const SEPARATORS = [';', '', ':', ', '] as const;
const MODULI = [1n, 2n, 3n, 1000n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n] as const;

/** A chain of one to five rules. The patterns compile but for those with two groups of one name, which only Go takes. */
export function randomChain(random: () => number): RelabelChain {
  const labels = Object.fromEntries(
    Array.from({ length: 1 + below(random, 7) }, () => [
      pick(random, NAMES),
      random() < 0.05 ? '' : randomValue(random),
    ]),
  );
  return { labels, rules: Array.from({ length: 1 + below(random, 5) }, () => randomRule(random)) };
}

function randomRule(random: () => number): RelabelRule {
  const action = pick(random, RELABEL_ACTIONS);
  const sourceLabels = Array.from({ length: below(random, 4) }, () => pick(random, NAMES));
  const separator = random() < 0.6 ? ';' : pick(random, SEPARATORS);
  const joins = { ...DEFAULT_RELABEL_RULE, action, sourceLabels, separator };
  const regex = random() < 0.25 ? pick(random, WHOLE_PATTERNS) : randomPattern(random);
  switch (action) {
    case 'replace':
      return { ...joins, regex, targetLabel: pick(random, TARGETS), replacement: pick(random, TEMPLATES) };
    case 'keep':
    case 'drop':
      // Most chains would end here.
      return random() < 0.6 ? randomRule(random) : { ...joins, regex };
    case 'keepequal':
    case 'dropequal':
      if (random() < 0.6) return randomRule(random);
      return { ...joins, separator: ';', targetLabel: pick(random, NAMES) };
    case 'hashmod':
      return { ...joins, targetLabel: pick(random, NAMES), modulus: pick(random, MODULI) };
    case 'lowercase':
    case 'uppercase':
      return { ...joins, targetLabel: pick(random, NAMES) };
    case 'labelmap':
      return { ...DEFAULT_RELABEL_RULE, action, regex, replacement: pick(random, TARGETS) };
    case 'labeldrop':
    case 'labelkeep':
      return { ...DEFAULT_RELABEL_RULE, action, regex };
  }
}

/** Text that may be a pattern. */
export function randomPattern(random: () => number): string {
  return Array.from({ length: 1 + below(random, 4) }, () => pick(random, ATOMS)).join('');
}

function randomValue(random: () => number): string {
  return random() < 0.7 ? pick(random, VALUES) : pick(random, VALUES) + pick(random, VALUES);
}

export function pick<const Item>(random: () => number, items: readonly Item[]): Item {
  return items[below(random, items.length)] as Item;
}

function below(random: () => number, most: number): number {
  return Math.floor(random() * most);
}
