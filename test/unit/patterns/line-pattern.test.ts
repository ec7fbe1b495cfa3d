import { expect, test } from 'vitest';
import { compileLinePattern, groupNames, linePatternProblem } from '../../../src/patterns/line-pattern.ts';

test('a pattern is looked for anywhere, unless it is anchored', () => {
  expect(compileLinePattern('4\\.4\\.2').test('421 4.4.2 bye')).toBe(true);
  expect(compileLinePattern('^4\\.4\\.2').test('421 4.4.2 bye')).toBe(false);
});

test('named groups are what they took; those that took no part are left out', () => {
  const pattern = compileLinePattern('^220 (?<host>\\S+)( (?<rest>.*))?$');
  expect([...(pattern.groups('220 mail') ?? [])]).toEqual([['host', 'mail']]);
  expect([...(pattern.groups('220 mail here') ?? [])]).toEqual([
    ['host', 'mail'],
    ['rest', 'here'],
  ]);
  expect(pattern.groups('250 mail')).toBeNull();
  expect(groupNames('(?<a>x)(y)(?P<b>z)')).toEqual(['a', 'b']);
  expect(groupNames('(')).toEqual([]);
});

test.each([
  ['(', 'does not compile: missing closing )'],
  ['(?=a)', 'does not compile'],
  ['a)|(b', 'does not compile'],
  ['(a)\\1', 'does not compile'],
  ['x'.repeat(257), 'has 257 characters; at most 256'],
  ['(.{1,20}){1,20}z', 'is too large: it compiles to 842 instructions, at most 128'],
])('%s is refused', (regex, problem) => {
  expect(linePatternProblem(regex)).toContain(problem);
});

test.each(['', '^250 ', '(a+)+$', '(?i)^421 .*(timeout|idle)'])('%j is taken', (regex) => {
  expect(linePatternProblem(regex)).toBeNull();
});
