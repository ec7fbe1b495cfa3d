import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readReasonsPage } from '../../../src/explanations/reasons-page.ts';
import { markdownLines } from '../../../src/terminal/markdown-lines.ts';
import { createTextPaint } from '../../../src/terminal/text-paint.ts';

const plain = { width: 40, paint: createTextPaint(false) };

test.each([
  { what: 'a paragraph of several lines is one', markdown: 'one\ntwo', lines: ['one two'] },
  { what: 'paragraphs stay apart', markdown: 'one\n\n\ntwo', lines: ['one', '', 'two'] },
  {
    what: 'bold and code words lose their marks',
    markdown: '**What happened.** `EOF` came',
    lines: ['What happened. EOF came'],
  },
  {
    what: 'rows of the conformance table go',
    markdown: 'It died [C07, C07b], or not [L01 to L05].',
    lines: ['It died, or not.'],
  },
  { what: 'other brackets stay', markdown: 'see [1] and a[0]', lines: ['see [1] and a[0]'] },
  {
    what: 'a link within the page is its text, another one says where it leads',
    markdown: '[fin](#fin), [servers.md](servers.md), [it](costs.md)',
    lines: ['fin, servers.md, it (docs/costs.md)'],
  },
  {
    what: 'code is never broken',
    markdown: `    ${'x'.repeat(50)} y\n    z`,
    lines: [`    ${'x'.repeat(50)} y`, '    z'],
  },
  {
    what: 'items hang below their mark',
    markdown: '1. one two three four five six seven eight nine\n2. ten',
    lines: ['1. one two three four five six seven', '   eight nine', '2. ten'],
  },
  {
    what: 'a table is left out',
    markdown: 'before\n\n| a | b |\n|---|---|\n| c | d |\n\nafter',
    lines: ['before', '', 'after'],
  },
])('$what', ({ markdown, lines }) => {
  expect(markdownLines(markdown, plain)).toEqual(lines);
});

test('colours follow the words over the end of a line, and end with it', () => {
  const lines = markdownLines(`start **${'bold '.repeat(12).trim()}** end`, {
    width: 40,
    paint: createTextPaint(true),
  });
  const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;
  expect(lines).toEqual([
    `start ${bold('bold bold bold bold bold bold bold')}`,
    `${bold('bold bold bold bold bold')} end`,
  ]);
});

describe('the page that is shipped', () => {
  const { sections } = readReasonsPage(readFileSync(new URL('../../../docs/reasons.md', import.meta.url), 'utf8'));
  test.each([40, 60, 80, 100])('leaves no mark and no wide line of prose at %i columns', (width) => {
    for (const { anchor, body } of sections) {
      const lines = markdownLines(body, { ...plain, width });
      const prose = lines.filter((line) => !line.startsWith('    '));
      expect(
        prose.filter((line) => line.length > width && line.trim().includes(' ')),
        anchor,
      ).toEqual([]);
      expect(
        prose.filter((line) => /\*\*|`|\]\(|\[[A-Z]\d\d/.test(line)),
        anchor,
      ).toEqual([]);
    }
  });
});
