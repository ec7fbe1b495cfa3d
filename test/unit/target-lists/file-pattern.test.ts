import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilePattern, syntaxOf } from '../../../src/target-lists/file-pattern.ts';

test.each(['a.json', '/x/a.yml', 'a.yaml', 'x/A.JSON', 'a.YML', 'a.YAML', '../a.json', 'a b.json'])(
  '%s names one file',
  (path) => {
    expect(parseFilePattern(path)).toMatchObject({ path, matches: null });
  },
);

test.each([
  '',
  'a',
  'a.txt',
  'a.Json',
  'x/*/a.json',
  '*/a.json',
  'a?/b.json',
  '[x]/b.json',
  'x\\y/b.json',
  '*.js',
  'a.json/',
  '[a.json',
  '[].json',
  '[a-].json',
  '[^].json',
])('%s is no path of a file of targets', (path) => {
  expect(parseFilePattern(path)).toBeNull();
});

test.each([
  ['*.json', 'a.json', true],
  ['*.json', '.hidden.json', true],
  ['*.json', '.json', true],
  ['*.json', 'a.jsonx', false],
  ['*.json', 'a.JSON', false],
  ['a*b*.json', 'axxbyy.json', true],
  ['a*b*.json', 'axxyy.json', false],
  ['?.json', 'ä.json', true],
  ['?.json', 'ab.json', false],
  ['?.json', '.json', false],
  ['[a-c]x.yml', 'bx.yml', true],
  ['[a-c]x.yml', 'dx.yml', false],
  ['[^a-c]x.yml', 'dx.yml', true],
  ['[^a-c]x.yml', 'ax.yml', false],
  ['[abc].yml', 'c.yml', true],
  ['[\\]a].yml', '].yml', true],
  ['\\*.yml', '*.yml', true],
  ['\\*.yml', 'a.yml', false],
  ['a.b*.yml', 'axb.yml', false],
])('%s against %s: %s', (pattern, name, expected) => {
  expect(parseFilePattern(pattern)?.matches?.(name)).toBe(expected);
});

test('a pattern that would keep a backtracking matcher busy for years is answered at once', () => {
  const found = parseFilePattern(`${'a*'.repeat(60)}b.json`);
  expect(found?.matches?.(`${'a'.repeat(250)}.json`)).toBe(false);
});

test('stars and question marks match as a regular expression would', () => {
  const part = fc.constantFrom('a', 'b', '.', '*', '?');
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 }),
      (parts, name) => {
        const found = parseFilePattern(`*${parts.join('')}.json`);
        const source = parts.map((each) => (each === '*' ? '.*' : each === '?' ? '.' : each === '.' ? '\\.' : each));
        const expected = new RegExp(`^.*${source.join('')}\\.json$`).test(`${name}.json`);
        expect(found?.matches?.(`${name}.json`)).toBe(expected);
      },
    ),
  );
});

test('the ending says how a file is read', () => {
  expect(['a.json', 'A.JSON', 'a.yml', 'a.yaml', 'A.YML'].map(syntaxOf)).toEqual([
    'json',
    'json',
    'yaml',
    'yaml',
    'yaml',
  ]);
});
