import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWebConfig } from '../../../src/config/load-web-config.ts';
import { readFile } from '../../support/read-file.ts';
import { problemsOf } from './problems-of.ts';

/** Each mistake is a file; what must be said about it stands beside it, word for word. */
const mistakes = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((file) => ({
      file,
      mistake: file.replace('.yml', '').replaceAll('-', ' '),
      text: readFileSync(join(folder, file), 'utf8'),
      said: readFileSync(join(folder, file.replace('.yml', '.txt')), 'utf8'),
    }));

const BAD = join(import.meta.dirname, 'bad');
const WEB_BAD = join(import.meta.dirname, 'web-bad');
const SUPPORT = join(import.meta.dirname, '../../support');

describe('a configuration with a mistake is refused with place, finding and expectation', () => {
  test.each(mistakes(BAD))('$mistake', ({ file, text, said }) => {
    expect(problemsOf(text, file, BAD)).toBe(said);
    expect(said).toMatch(/^\S+\.yml:\d+:\d+: /);
  });
});

describe('a web configuration with a mistake is refused with place, finding and expectation', () => {
  test.each(mistakes(WEB_BAD))('$mistake', async ({ file, said }) => {
    const result = await loadWebConfig({ file: join(WEB_BAD, file), readFile });
    const problems = result.kind === 'invalid' ? `${result.problems.join('\n')}\n` : 'loaded';
    // The files it names are found beside it, so their paths begin with the folder.
    expect(problems.replaceAll(`${WEB_BAD}/`, '').replaceAll(SUPPORT, '../../../support')).toBe(said);
  });
});

test('64 KiB can be sent and one byte more cannot, from the text and from a file', () => {
  const withSend = (bytes: number): string => `groups: [{name: a, heartbeat: {send: '${'x'.repeat(bytes)}'}}]`;
  expect(problemsOf(withSend(65_536), 'a.yml', BAD)).toBe('loaded\n');
  const said = 'groups[0].heartbeat.send is 65537 bytes long; at most 65536 (64 KiB) are allowed\n';
  expect(problemsOf(withSend(65_537), 'a.yml', BAD)).toBe(`a.yml:1:38: ${said}`);
});

test('nesting that would end the stack is a problem like any other', () => {
  const deep = `groups: ${'['.repeat(100_000)}`;
  expect(problemsOf(deep, 'a.yml', BAD)).toBe('a.yml:1:1: nested more than 100 levels deep\n');
});

test('aliases of aliases that would expand to billions are stopped', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const ten = Array.from({ length: 10 }, () => `*a${level}`).join(', ');
    return `  - &a${level + 1} [${ten}]`;
  });
  const said = problemsOf(`groups:\n  - &a0 [x]\n${levels.join('\n')}\n`, 'a.yml', BAD);
  expect(said).toContain('the aliases in this file expand to too much');
});
