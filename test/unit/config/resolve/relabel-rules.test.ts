import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/config/load-config.ts';
import { DEFAULT_RELABEL_RULE } from '../../../../src/settings/relabel-rule.ts';
import { staticTargetsOf } from '../../../../src/settings/source-settings.ts';
import { formatAll } from '../problems-of.ts';

function load(text: string) {
  const result = parseConfig(text, 'f.yml', () => ({ kind: 'unreadable', why: 'ENOENT' }));
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  return result.config;
}

const group = (keys: string) => `groups:\n- name: a\n  ${keys}\n`;
const rulesOf = (...rules: readonly string[]) =>
  load(group(`relabel_configs: [${rules.join(', ')}]`)).groups[0]?.relabelRules;
const warningsOf = (...rules: readonly string[]) =>
  load(`groups:\n- name: a\n  relabel_configs:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`).warnings;

describe('a rule', () => {
  test('has Prometheus’ defaults', () => {
    expect(rulesOf('{target_label: a}')).toEqual([{ ...DEFAULT_RELABEL_RULE, targetLabel: 'a' }]);
    expect(load(group('relabel_configs: []')).groups[0]?.relabelRules).toEqual([]);
  });

  test('has every key that is written', () => {
    const rule =
      '{action: HashMod, source_labels: [a, b], separator: "", regex: "", target_label: t, replacement: "", modulus: 18446744073709551615}';
    expect(rulesOf(rule)).toEqual([
      {
        action: 'hashmod',
        sourceLabels: ['a', 'b'],
        separator: '',
        regex: '',
        targetLabel: 't',
        replacement: '',
        modulus: 2n ** 64n - 1n,
      },
    ]);
  });

  test.each([
    ['true', 'true'],
    ['True', 'True'],
    ['1.0', '1.0'],
    ['0x10', '0x10'],
    ['00', '00'],
    ['1e3', '1e3'],
    ['yes', 'yes'],
    ['"true"', 'true'],
  ])('takes %s as the text that is written', (written, text) => {
    expect(rulesOf(`{action: keep, regex: ${written}}`)?.[0]?.regex).toBe(text);
    expect(rulesOf(`{target_label: a, replacement: ${written}}`)?.[0]?.replacement).toBe(text);
  });

  test('takes it from behind an alias and a merge as well', () => {
    const text =
      'groups: [{name: a, relabel_configs: [&r {regex: &x 1.0, target_label: a}, {regex: *x, target_label: b}, {<<: *r, target_label: c}]}]';
    expect(load(text).groups[0]?.relabelRules.map(({ regex }) => regex)).toEqual(['1.0', '1.0', '1.0']);
  });

  test.each([
    ['1000', 1000n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['0x10', 16n],
    ['1e3', 1000n],
  ])('has all digits of the modulus %s', (written, modulus) => {
    expect(rulesOf(`{action: hashmod, target_label: a, modulus: ${written}}`)?.[0]?.modulus).toBe(modulus);
  });

  test.each([
    '{action: labeldrop, regex: a, separator: ";", target_label: "", replacement: $1, modulus: 0}',
    '{action: keepequal, source_labels: [a], target_label: b, separator: ";", replacement: $1}',
    '{action: lowercase, source_labels: [a], target_label: b, regex: x, modulus: 5}',
    '{action: keep}',
    '{action: labelmap}',
    '{target_label: "${1}_x", action: REPLACE}',
  ])('is taken, since no key of it says anything else than what holds: %s', (rule) => {
    expect(rulesOf(rule)).toHaveLength(1);
  });
});

test('rules may make a target of anything: what stands in static_configs is checked afterwards', () => {
  const keys = `relabel_configs: [{target_label: x, replacement: y}]
  target_limit: 5
  static_configs: [{targets: [redis-0, redis-0, "h:1"], labels: {__tmp: x, job: j, peer: p}}]`;
  const [only] = load(group(keys)).groups;
  expect(only?.targetLimit).toBe(5);
  expect(staticTargetsOf(only?.sources ?? [])).toEqual([
    { targets: ['redis-0', 'redis-0', 'h:1'], labels: { __tmp: 'x', job: 'j', peer: 'p' } },
  ]);
});

describe('warnings', () => {
  test.each([
    {
      rule: "{source_labels: [a], target_label: b, replacement: 'x$1y:$2'}",
      warning:
        'f.yml:4:56: warning: groups[0].relabel_configs[0].replacement has $1y, which is the value of a group called 1y: there is none, so it is empty; write ${1}y',
    },
    {
      rule: '{action: labelmap, replacement: a_$1_b}',
      warning:
        'f.yml:4:37: warning: groups[0].relabel_configs[0].replacement has $1_b, which is the value of a group called 1_b: there is none, so it is empty; write ${1}_b',
    },
    {
      rule: '{target_label: $1x, replacement: y}',
      warning:
        'f.yml:4:20: warning: groups[0].relabel_configs[0].target_label has $1x, which is the value of a group called 1x: there is none, so it is empty; write ${1}x',
    },
    {
      rule: "{action: labelkeep, regex: 'app|team'}",
      warning:
        'f.yml:4:5: warning: groups[0].relabel_configs[0] is labelkeep and its regex does not match __address__: every target loses its address and is refused; add |__address__ to the regex',
    },
  ])('$rule', ({ rule, warning }) => {
    expect(warningsOf(rule)).toEqual([warning]);
  });

  test.each([
    ["{target_label: b, replacement: 'x${1}y$1'}"],
    ["{target_label: b, regex: '(?P<1y>.*)', replacement: $1y}"],
    ["{action: labelkeep, regex: '__.*'}"],
    ['{action: labelkeep, regex: a}', '{target_label: __address__, source_labels: [a]}'],
    ["{action: drop, regex: x, replacement: '$1x'}"],
  ])('none for %s %s', (...rules) => {
    expect(warningsOf(...rules.filter((rule) => rule !== undefined))).toEqual([]);
  });

  test('a target label may come from the rules', () => {
    const text = `global: {metrics: {target_labels: [team]}}
groups: [{name: a, relabel_configs: [{target_label: team, replacement: x}], static_configs: [{targets: ["h:1"]}]}]`;
    expect(load(text).warnings).toEqual([]);
    expect(load(text.replace('relabel_configs: [{target_label: team, replacement: x}], ', '')).warnings).toHaveLength(
      1,
    );
  });

  test('a port is not warned of where rules may change it', () => {
    const targets = 'static_configs: [{targets: ["h:22"]}]';
    expect(load(group(targets)).warnings).toHaveLength(1);
    expect(load(group(`relabel_configs: [{target_label: x, replacement: y}]\n  ${targets}`)).warnings).toEqual([]);
  });
});
