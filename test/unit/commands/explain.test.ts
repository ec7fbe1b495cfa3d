import { describe, expect, test } from 'vitest';
import { WORD_GROUPS } from '../../../src/explanations/explained-words.ts';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { createFakeRuntime, type FakeRuntime } from '../../support/fake-runtime.ts';

async function explain(words: readonly string[], more: Partial<FakeRuntime> = {}) {
  const runtime = { ...createFakeRuntime(), ...more };
  const exitCode = await runCommandLine(runtime, ['explain', ...words]);
  return { exitCode, lines: runtime.printed, errors: runtime.printedErrors };
}

test('a reason is told with what happened, what to do, and what proxies call it', async () => {
  const { exitCode, lines } = await explain(['error/reset']);
  expect(exitCode).toBe(0);
  expect(lines[0]).toBe('error/reset: the peer, or a box that speaks for it, reset the connection');
  for (const start of ['What happened. A RST', 'What it usually means. ', 'How to check. ', 'What to do. ']) {
    expect(lines.filter((line) => line.startsWith(start))).toHaveLength(1);
  }
  expect(lines.at(-1)).toBe('Envoy: UC. HAProxy: SD (seen).');
});

test('a reason that attempts share is told of the disconnect, and names the attempts', async () => {
  const { lines } = await explain(['reset']);
  expect(lines[0]).toMatch(/^error\/reset: /);
  const others = lines.slice(lines.indexOf('Of an attempt to connect:'));
  expect(others.filter((line) => line.includes('/reset')).map((line) => line.split(' ')[0])).toEqual([
    'tls/reset',
    'protocol/reset',
  ]);
  expect(lines.join('\n')).not.toContain('RST in the middle of the handshake');
});

test('a class is told with its words, a phase with what is true of all attempts', async () => {
  const own = await explain(['idle_timeout']);
  expect(own.lines[0]).toMatch(/^class idle_timeout: /);
  expect(own.lines.join(' ')).toContain('Our own clocks decided.');
  expect(own.lines.filter((line) => line.startsWith('idle_timeout/'))).toHaveLength(3);
  const phase = await explain(['tls']);
  expect(phase.lines.join(' ')).toContain('None of these is ever a disconnect.');
  expect(phase.lines.filter((line) => line.startsWith('tls/'))).toHaveLength(9);
});

test('a word that is a reason and a phase is told as both', async () => {
  const { lines } = await explain(['protocol']);
  expect(lines[0]).toMatch(/^phase protocol: /);
  expect(lines.some((line) => line.startsWith('error/protocol: '))).toBe(true);
});

test('without a word it lists every word, even where the page is missing', async () => {
  const { exitCode, lines } = await explain([], { docsFolder: '/nonexistent' });
  expect(exitCode).toBe(0);
  for (const { term } of WORD_GROUPS.flatMap(({ words }) => words)) {
    expect(
      lines.filter((line) => line.startsWith(`${term} `)),
      term,
    ).toHaveLength(1);
  }
});

test('several words are told one after the other; an unknown one among them is exit 2, and the others are told', async () => {
  const { exitCode, lines, errors } = await explain(['fin', 'resett', 'tcp/refused']);
  expect(exitCode).toBe(2);
  expect(lines[0]).toMatch(/^eof\/fin: /);
  expect(lines.some((line) => line.startsWith('tcp/refused: '))).toBe(true);
  expect(errors).toEqual(['finrst explain: unknown word "resett"; did you mean reset?']);
});

test('a word that is nothing like ours is refused in one safe line', async () => {
  const { exitCode, errors } = await explain(['\u001b[2J\u202ebanana']);
  expect(exitCode).toBe(2);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^[\x20-\x7e]+; finrst explain lists all words$/);
});

test('a missing page is said, with where it should be', async () => {
  const { exitCode, errors } = await explain(['fin'], { docsFolder: '/nonexistent' });
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(/^finrst explain: \/nonexistent\/reasons\.md cannot be read: it does not exist; /);
});

describe.each([
  { columns: 60, widest: 60 },
  { columns: 200, widest: 100 },
  { columns: null, widest: 100 },
])('at $columns columns', ({ columns, widest }) => {
  test.each([['timeout'], ['tcp'], ['envoy'], ['idle_limits'], ['UC']])('%s fits', async (word) => {
    const { lines } = await explain([word], { columns: () => columns });
    const prose = lines.filter((line) => !line.startsWith('    '));
    expect(prose.filter((line) => line.length > widest && !/https?:/.test(line))).toEqual([]);
    expect(Math.max(...prose.map((line) => line.length))).toBeGreaterThan(widest * 0.6);
  });
});

test('where there are no colours there is no escape sequence, and where there are it has some', async () => {
  expect((await explain(['fin'])).lines.join('')).not.toContain('\u001b');
  expect((await explain(['fin'], { colours: true })).lines[0]).toBe(
    '\u001b[1meof/fin: the peer closed the connection in order\u001b[22m',
  );
});
