import { RE2JS } from 're2js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { compileRelabelRules } from '../../../src/relabel/compile-relabel-rules.ts';
import type { Labels } from '../../../src/relabel/label-set.ts';
import { patternProblem } from '../../../src/relabel/pattern.ts';
import { DEFAULT_RELABEL_RULE, type RelabelAction, type RelabelRule } from '../../../src/settings/relabel-rule.ts';
import { randomChain } from '../../support/relabel-chains.ts';
import { seededRandom } from '../../support/seeded-random.ts';

type Written = Partial<RelabelRule>;

const toRule = (written: Written): RelabelRule => ({ ...DEFAULT_RELABEL_RULE, ...written });
/** The labels after the rules; the number of the rule that drops. */
const after = (labels: Labels, ...rules: readonly Written[]) => {
  const result = compileRelabelRules(rules.map(toRule)).apply(labels);
  return result.kind === 'kept' ? result.labels : result.rule;
};

const POD = { __address__: '10.0.0.7', __meta_pod: 'redis-0', __meta_port: '6379', __meta_app: 'redis' };

test('the engine is tried once in a process', () => {
  for (const _step of compileRelabelRules([]).prepare());
  const compile = vi.spyOn(RE2JS, 'compile');
  onTestFinished(() => compile.mockRestore());
  expect([...compileRelabelRules([]).prepare()]).toEqual([]);
  expect(compile).not.toHaveBeenCalled();
});

test('prepared rules compile and try their patterns a rule at a time, and the first target compiles none', () => {
  const compile = vi.spyOn(RE2JS, 'compile');
  onTestFinished(() => compile.mockRestore());
  const rules = compileRelabelRules(
    [
      { sourceLabels: ['a'], regex: 'x(.+)', targetLabel: 'b' },
      { action: 'labelmap', regex: 'y(.+)' } as const,
      { action: 'drop', sourceLabels: ['a'], regex: 'z.+' } as const,
    ].map(toRule),
  );
  const counts: number[] = [];
  for (const _step of compileRelabelRules([]).prepare()); // the engine itself, once in a process
  compile.mockClear();
  for (const _step of rules.prepare()) counts.push(compile.mock.calls.length);
  // One before each compilation, one behind it.
  expect(counts).toEqual([0, 1, 1, 2, 2, 3]);
  expect(rules.apply({ a: 'x1', yc: '2' })).toEqual({ kind: 'kept', labels: { a: 'x1', yc: '2', b: '1', c: '2' } });
  expect([...rules.prepare()]).toEqual([]);
  expect(compile).toHaveBeenCalledTimes(3);
});

describe('replace', () => {
  test.each<{ when: string; rule: Written; adds: Labels }>([
    {
      when: 'two labels are joined and taken apart',
      rule: {
        sourceLabels: ['__address__', '__meta_port'],
        regex: '([^:]+)(?::\\d+)?;(\\d+)',
        replacement: '$1:$2',
        targetLabel: '__address__',
      },
      adds: { __address__: '10.0.0.7:6379' },
    },
    {
      when: 'nothing but a target and a value is given',
      rule: { targetLabel: 'env', replacement: 'test' },
      adds: { env: 'test' },
    },
    {
      when: 'the defaults copy a label',
      rule: { sourceLabels: ['__meta_pod'], targetLabel: 'peer' },
      adds: { peer: 'redis-0' },
    },
    {
      when: 'the pattern matches a part only',
      rule: { sourceLabels: ['__meta_pod'], regex: 'redis', targetLabel: 'x', replacement: 'y' },
      adds: {},
    },
    {
      when: 'the name of the target comes from the value',
      rule: { sourceLabels: ['__meta_pod'], regex: '(\\w+)-(\\d)', targetLabel: '${1}_no', replacement: '${2}' },
      adds: { redis_no: '0' },
    },
    {
      when: 'the name becomes none',
      rule: { sourceLabels: ['__meta_port'], targetLabel: '$1', replacement: 'x' },
      adds: {},
    },
    {
      when: 'a group that took no part is used',
      rule: { sourceLabels: ['__meta_app'], regex: 'redis(x)?', targetLabel: 'a', replacement: '<$1>' },
      adds: { a: '<>' },
    },
    {
      when: 'parts are missing, but their separators are there',
      rule: { sourceLabels: ['none', '__meta_app', 'none'], separator: '/', targetLabel: 'a' },
      adds: { a: '/redis/' },
    },
    {
      when: 'alternatives stand without parentheses',
      rule: { sourceLabels: ['__meta_app'], regex: 'amqp|redis', targetLabel: 'a', replacement: 'x' },
      adds: { a: 'x' },
    },
  ])('when $when', ({ rule, adds }) => {
    expect(after(POD, rule)).toEqual({ ...POD, ...adds });
  });

  test('an empty value removes the label, and so does a match that gives nothing', () => {
    expect(after({ a: 'x', b: 'y' }, { targetLabel: 'a', replacement: '' })).toEqual({ b: 'y' });
    expect(after({ a: 'x', b: 'y' }, { sourceLabels: ['b'], targetLabel: 'a', replacement: '$2' })).toEqual({ b: 'y' });
    expect(after({ a: 'x' }, { sourceLabels: ['none'], targetLabel: 'a' })).toEqual({});
  });

  test('a dot takes newlines, and the whole value has to match', () => {
    const rule = { sourceLabels: ['a'], targetLabel: 'b', replacement: 'yes' };
    expect(after({ a: '1\n2' }, { ...rule, regex: '1.2' })).toEqual({ a: '1\n2', b: 'yes' });
    expect(after({ a: '1\n2' }, { ...rule, regex: '1' })).toEqual({ a: '1\n2' });
    expect(after({ a: '1\n' }, { ...rule, regex: '1' })).toEqual({ a: '1\n' });
  });

  test('each rule sees what the one before it did', () => {
    const copy = (from: string, to: string) => ({ sourceLabels: [from], targetLabel: to });
    expect(after({ a: '1' }, copy('a', 'b'), { targetLabel: 'a', replacement: '' }, copy('b', 'c'))).toEqual({
      b: '1',
      c: '1',
    });
  });
});

describe('keep and drop', () => {
  test.each<{ action: RelabelAction; regex: string; sourceLabels: string[]; drops: boolean }>([
    { action: 'keep', regex: 'redis', sourceLabels: ['__meta_app'], drops: false },
    { action: 'keep', regex: 'red', sourceLabels: ['__meta_app'], drops: true },
    { action: 'keep', regex: 'red.*', sourceLabels: ['__meta_app'], drops: false },
    { action: 'keep', regex: '.+', sourceLabels: ['none'], drops: true },
    { action: 'keep', regex: '.*', sourceLabels: ['none'], drops: false },
    { action: 'keep', regex: '(.*)', sourceLabels: [], drops: false },
    { action: 'keep', regex: '', sourceLabels: ['none'], drops: false },
    { action: 'keep', regex: '', sourceLabels: ['__meta_app'], drops: true },
    { action: 'drop', regex: 'redis|amqp', sourceLabels: ['__meta_app'], drops: true },
    { action: 'drop', regex: 'r|s', sourceLabels: ['__meta_app'], drops: false },
    { action: 'drop', regex: '(redis;6379)', sourceLabels: ['__meta_app', '__meta_port'], drops: true },
    { action: 'drop', regex: '10\\.0\\.0\\.7', sourceLabels: ['__address__'], drops: true },
    { action: 'drop', regex: '10.0.0', sourceLabels: ['__address__'], drops: false },
    { action: 'drop', regex: '0.0.0.7', sourceLabels: ['__address__'], drops: false },
    { action: 'drop', regex: '10.0.0.8', sourceLabels: ['__address__'], drops: false },
    { action: 'keepequal', regex: '(.*)', sourceLabels: ['__meta_app'], drops: true },
    { action: 'dropequal', regex: '(.*)', sourceLabels: ['__meta_app'], drops: false },
  ])('$action of $sourceLabels by "$regex": dropped is $drops', ({ drops, ...rule }) => {
    const first = { targetLabel: 'n', replacement: '1' };
    const last = { targetLabel: 'n', replacement: '2' };
    expect(after(POD, first, { ...rule, targetLabel: '__meta_pod' }, last)).toEqual(drops ? 1 : { ...POD, n: '2' });
  });

  test('two labels that are equal, also by both being absent', () => {
    const rule = { sourceLabels: ['a', 'b'], separator: ';', targetLabel: 'c' };
    expect(after({ a: '1', b: '2', c: '1;2' }, { ...rule, action: 'dropequal' })).toBe(0);
    expect(after({ a: '1', b: '2', c: '1;2' }, { ...rule, action: 'keepequal' })).toEqual({ a: '1', b: '2', c: '1;2' });
    expect(after({ x: '1' }, { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' })).toEqual({ x: '1' });
    expect(after({ x: '1' }, { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' })).toBe(0);
  });
});

describe('labelmap, labeldrop, labelkeep', () => {
  test('copies by name, and the originals stay', () => {
    const rule: Written = { action: 'labelmap', regex: '__meta_(.+)', replacement: 'k8s_$1' };
    expect(after(POD, rule)).toEqual({ ...POD, k8s_pod: 'redis-0', k8s_port: '6379', k8s_app: 'redis' });
  });

  test('of two names that become the same the last in alphabetical order wins, in whatever order they come', () => {
    const rule: Written = { action: 'labelmap', regex: 'b.', replacement: 'x' };
    expect(after({ b1: '1', b2: '2' }, rule)).toEqual({ b1: '1', b2: '2', x: '2' });
    expect(after({ b2: '2', b1: '1' }, rule)).toEqual({ b1: '1', b2: '2', x: '2' });
  });

  test('a copy is made of the values of before', () => {
    expect(after({ a: '1', aa: '2', aaa: '3' }, { action: 'labelmap', regex: 'a(a+)', replacement: '$1' })).toEqual({
      a: '2',
      aa: '3',
      aaa: '3',
    });
  });

  test('what would be no label name is not set', () => {
    expect(after({ b1: 'x' }, { action: 'labelmap', regex: 'b(.)', replacement: '$1' })).toEqual({ b1: 'x' });
    expect(after({ b: 'x' }, { action: 'labelmap', regex: 'b', replacement: '$1' })).toEqual({ b: 'x' });
  });

  test('by name, whole', () => {
    expect(after(POD, { action: 'labeldrop', regex: '__meta_p.*' })).toEqual({
      __address__: '10.0.0.7',
      __meta_app: 'redis',
    });
    expect(after(POD, { action: 'labelkeep', regex: '__address__|__meta_a' })).toEqual({ __address__: '10.0.0.7' });
    expect(after(POD, { action: 'labelkeep', regex: '__meta_.*' })).not.toHaveProperty('__address__');
  });

  test('an alternative that escapes the anchors matches where it does in Go', () => {
    const rule: Written = { action: 'labelmap', regex: 'a)|(?:b)|(?:c', replacement: 'x$0' };
    expect(after({ a_b_b: '1' }, rule)).toEqual({ a_b_b: '1', xa_xb_xb: '1' });
    expect(after({ n_b_n: '1' }, rule)).toEqual({ n_b_n: '1', n_xb_n: '1' });
    // Go counts no empty match right behind another one: after the a there is none.
    expect(after({ ab: '1' }, { ...rule, regex: 'a)|(?:b*)|(?:c', replacement: 'x' })).toHaveProperty('xx');
  });
});

describe('hashmod', () => {
  test.each([
    { value: '10.0.0.1:6379', modulus: 1n, is: '0' },
    { value: '10.0.0.1:6379', modulus: 2n, is: '1' },
    { value: '10.0.0.1:6379', modulus: 1000n, is: '991' },
    { value: '10.0.0.1:6379', modulus: 2n ** 32n, is: '2757839911' },
    { value: '10.0.0.1:6379', modulus: 2n ** 64n - 1n, is: '5211904075848829991' },
    { value: '', modulus: 2n ** 64n - 1n, is: '16825458760271544958' },
    { value: 'pod-7', modulus: 1000n, is: '856' },
  ])('of "$value" modulo $modulus is $is', ({ value, modulus, is }) => {
    expect(
      after({ a: value }, { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'shard', modulus }),
    ).toHaveProperty('shard', is);
  });
});

describe('lowercase and uppercase', () => {
  test.each([
    { value: 'bAr1_', lower: 'bar1_', upper: 'BAR1_' },
    { value: 'Straße', lower: 'straße', upper: 'STRAßE' },
    { value: 'İı', lower: 'iı', upper: 'İI' },
    { value: 'ὈΔΥΣΣΕΎΣ', lower: 'ὀδυσσεύσ', upper: 'ὈΔΥΣΣΕΎΣ' },
    { value: 'ᾀᾗᾧᾳῃῳ', lower: 'ᾀᾗᾧᾳῃῳ', upper: 'ᾈᾟᾯᾼῌῼ' },
    { value: 'ᾈᾴῶ', lower: 'ᾀᾴῶ', upper: 'ᾈᾴῶ' },
    { value: 'ŉǰΐﬁ', lower: 'ŉǰΐﬁ', upper: 'ŉǰΐﬁ' },
    { value: 'ǅ', lower: 'ǆ', upper: 'Ǆ' },
    { value: '𐐨💥', lower: '𐐨💥', upper: '𐐀💥' },
  ])('of $value', ({ value, lower, upper }) => {
    const rule = { sourceLabels: ['a'], targetLabel: 'b' };
    expect(after({ a: value }, { ...rule, action: 'lowercase' })).toHaveProperty('b', lower);
    expect(after({ a: value }, { ...rule, action: 'uppercase' })).toHaveProperty('b', upper);
  });
});

describe('labels', () => {
  test('what no rule changes is given back as the same object', () => {
    const rules = compileRelabelRules([
      toRule({ action: 'keep', sourceLabels: ['__meta_app'], regex: 'redis' }),
      toRule({ sourceLabels: ['__meta_app'], targetLabel: '__meta_app' }),
      toRule({ action: 'labeldrop', regex: 'nothing' }),
    ]);
    const result = rules.apply(POD);
    expect(result).toEqual({ kind: 'kept', labels: POD });
    expect(result.kind === 'kept' && result.labels).toBe(POD);
  });

  test('the given object is never changed', () => {
    const labels = Object.freeze({ a: '1' });
    expect(after(labels, { targetLabel: 'a', replacement: '2' })).toEqual({ a: '2' });
  });

  test('an empty label is none', () => {
    expect(after({ a: '', b: 'x' })).toEqual({ b: 'x' });
    expect(after({ a: '', b: 'x' }, { action: 'labelmap', regex: 'a', replacement: 'b' })).toEqual({ b: 'x' });
  });

  test('a label may be called like what every object has', () => {
    expect(after({ a: '1' }, { action: 'keep', sourceLabels: ['constructor'], regex: '.+' })).toBe(0);
    const copied = after({ a: '1' }, { sourceLabels: ['a'], targetLabel: '__proto__' });
    expect(Object.entries(copied)).toEqual([
      ['a', '1'],
      ['__proto__', '1'],
    ]);
  });
});

test.each<{ rule: Written; refused: boolean }>([
  { rule: { regex: 'x(.*)', targetLabel: 'b' }, refused: true },
  { rule: { action: 'keep', regex: 'x.*' }, refused: true },
  { rule: { action: 'lowercase', targetLabel: 'b' }, refused: true },
  { rule: { action: 'keep', regex: '.+' }, refused: false },
  { rule: { action: 'labelkeep', regex: 'a.*' }, refused: false },
])('a value that would hold up the process is refused: $rule', ({ rule, refused }) => {
  const rules = compileRelabelRules([toRule({}), toRule({ sourceLabels: ['a'], ...rule })].slice(1));
  expect(rules.apply({ a: 'x'.repeat(4096) }).kind).toBe('kept');
  const result = rules.apply({ a: 'x'.repeat(4097) });
  expect(result).toEqual(
    refused
      ? {
          kind: 'refused',
          rule: 0,
          why: 'has a value for relabel_configs[0] of more than 4096 characters, the most that a rule takes',
        }
      : { kind: 'kept', labels: { a: 'x'.repeat(4097) } },
  );
});

test('what a rule remembers never changes a result', () => {
  const random = seededRandom(20_261_126);
  for (let round = 0; round < 150; round++) {
    const { rules } = randomChain(random);
    if (rules.some(({ regex }) => patternProblem(regex) !== null)) continue;
    const remembering = compileRelabelRules(rules);
    for (let target = 0; target < 6; target++) {
      const { labels } = randomChain(random);
      const fresh = compileRelabelRules(rules).apply(labels);
      expect([remembering.apply(labels), remembering.apply(labels)]).toEqual([fresh, fresh]);
    }
  }
});

test('more values than are remembered are matched as well', () => {
  const rules = compileRelabelRules([
    toRule({ sourceLabels: ['a'], regex: 'pod-(\\d+)', targetLabel: 'n' }),
    toRule({ action: 'labelmap', regex: 'l(\\d+)', replacement: 'm$1' }),
  ]);
  for (const [from, to] of [
    [0, 10_100],
    [0, 100],
  ] as const) {
    for (let pod = from; pod < to; pod += 1) {
      const result = rules.apply({ a: `pod-${pod}`, [`l${pod}`]: 'x' });
      if (result.kind !== 'kept' || result.labels['n'] !== String(pod) || result.labels[`m${pod}`] !== 'x') {
        expect(result).toBe(`pod-${pod}`);
      }
    }
  }
});

test('the effects are the labels that each rule changed, up to the one that drops', () => {
  const rules = compileRelabelRules(
    [
      { sourceLabels: ['__meta_app'], targetLabel: 'app' },
      { sourceLabels: ['__meta_app'], targetLabel: 'app' },
      { action: 'labelmap', regex: '__meta_(.+)' } as const,
      { sourceLabels: ['__address__', '__meta_port'], separator: ':', targetLabel: '__address__' },
      { action: 'labeldrop', regex: 'pod|port' } as const,
      { action: 'drop', sourceLabels: ['app'], regex: 'redis' } as const,
      { replacement: 'x', targetLabel: 'y' },
    ].map(toRule),
  );
  expect(rules.effects(POD)).toEqual([
    { rule: 0, sources: ['__meta_app'], set: ['app'], removed: [] },
    { rule: 2, sources: [], set: ['pod', 'port'], removed: [] },
    { rule: 3, sources: ['__address__', '__meta_port'], set: ['__address__'], removed: [] },
    { rule: 4, sources: [], set: [], removed: ['pod', 'port'] },
  ]);
});
