import { expect, test } from 'vitest';
import {
  compileKnownPattern,
  compileLinePattern,
  groupNames,
  linePatternProblem,
} from '../../../src/patterns/line-pattern.ts';
import { seededRandom } from '../../support/seeded-random.ts';

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

/** Lines of x and a without order, that end as a pattern for a gap behind x wants it: each character is another state. */
function hostileLines(count: number): readonly string[] {
  const below = seededRandom(7);
  return Array.from(
    { length: count },
    () => `${Array.from({ length: 500 }, () => (below() < 0.5 ? 'x' : 'a')).join('')}y`,
  );
}

test('lines that are made for a pattern take no longer than its size says: no automaton is built', () => {
  const lines = hostileLines(60);
  const cpuMsOf = (pattern: { test(line: string): boolean }): number => {
    const before = process.cpuUsage();
    for (const line of lines) pattern.test(line);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  // Both once, so that the compiler has seen them.
  for (const compile of [compileLinePattern, compileKnownPattern]) cpuMsOf(compile('z.{9}y'));
  expect(cpuMsOf(compileLinePattern('x.{100}y'))).toBeLessThan(cpuMsOf(compileKnownPattern('x.{100}y')) / 2);
});

test('a character costs as much as the pattern has instructions; a known one has a price of its own', () => {
  const [small, large] = ['x.{10}y', 'x.{100}y'].map((regex) => compileLinePattern(regex).nsPerCharacter);
  expect([small, large]).toEqual([56, 416]);
  expect(compileKnownPattern('x.{10}y').nsPerCharacter).toBe(20);
});

test.each(['^250 (ok|OK)', 'a.*b$', ''])('a known pattern %j fits what it would fit in a configuration', (regex) => {
  const [known, written] = [compileKnownPattern(regex), compileLinePattern(regex)];
  for (const line of ['250 ok', '250 no', 'xaxb', 'ab ', '']) {
    expect([known.test(line), known.groups(line)?.size]).toEqual([written.test(line), written.groups(line)?.size]);
  }
});
