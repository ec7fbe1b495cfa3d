import { expect, test } from 'vitest';
import { compilePattern, patternProblem } from '../../../src/relabel/pattern.ts';

test.each([
  ['(abc', 'does not compile: missing closing ): (abc; expected RE2 syntax (no lookahead, no backreferences)'],
  ['\\1', 'does not compile: invalid escape sequence: \\1; expected RE2 syntax (no lookahead, no backreferences)'],
  ['(?!test).*', 'does not compile: invalid or unsupported Perl syntax: (?!; RE2 has no (?!...); use a drop rule'],
  ['a(?=b)', 'does not compile: invalid or unsupported Perl syntax: (?=; RE2 has no (?=...); use a keep rule'],
  ['(?<!a)b', 'does not compile: invalid named capture: (?<!a)b; RE2 has no (?<!...); use a drop rule'],
  [
    '(?P<n>a)(?P<n>b)',
    'does not compile: duplicate capture group name: n; expected RE2 syntax (no lookahead, no backreferences)',
  ],
  ['x{1001}', 'does not compile: invalid repeat count: {1001}; expected RE2 syntax (no lookahead, no backreferences)'],
])('%s %s', (regex, problem) => {
  expect(patternProblem(regex)).toBe(problem);
});

test.each(['', 'a', '(.*)', 'a|b', '(?P<n>a)(?<m>b)', 'a)|(b', '\\p{Greek}', '((((a))))', '(?i)a', '[[:alpha:]]'])(
  '%j compiles',
  (regex) => {
    expect(patternProblem(regex)).toBeNull();
    expect(() => compilePattern(regex)).not.toThrow();
  },
);

test('\\Q without \\E takes our own end of the pattern: refused, as in Prometheus', () => {
  expect(patternProblem('\\Qa')).toContain('missing closing )');
});

test.each([
  ['true', true],
  ['redis|amqp|', true],
  ['(a|b)', true],
  ['10\\.0\\.0\\.1', true],
  ['.*', true],
  ['(.*)', true],
  ['.+', true],
  ['(.+)', true],
  ['10.0.0.1', false],
  ['(a)|(b)', false],
  ['a?', false],
  ['\\d', false],
  ['\\Qa\\E', false],
  ['^a$', false],
])('%s needs no engine: %s', (regex, isCheap) => {
  expect(compilePattern(regex).isCheap).toBe(isCheap);
});

test.each([
  ['redis|amqp', 'redis', ['redis']],
  ['redis|amqp', 'redi', null],
  ['redis|', '', ['']],
  ['(a|b)', 'b', ['b', 'b']],
  ['a\\.b', 'a.b', ['a.b']],
  ['a\\.b', 'axb', null],
  ['.*', '', ['']],
  ['(.*)', 'x\n', ['x\n', 'x\n']],
  ['.+', '', null],
  ['(.+)', 'x', ['x', 'x']],
  ['(a)(b)?', 'a', ['a', 'a', undefined]],
  ['(a+)+$', 'a'.repeat(40), ['a'.repeat(40), 'a'.repeat(40)]],
])('%s on %j gives the groups %j', (regex, value, groups) => {
  const pattern = compilePattern(regex);
  const match = pattern.match(value);
  expect(match === null ? null : [...match]).toEqual(groups);
  expect(pattern.test(value)).toBe(groups !== null);
  expect(Array.from(pattern.matchAll(value), ({ groups: found }) => [...found])).toEqual(
    groups === null ? [] : [groups],
  );
});
