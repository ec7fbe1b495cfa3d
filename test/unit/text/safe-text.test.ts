import { describe, expect, test } from 'vitest';
import { quoted, safeText } from '../../../src/text/safe-text.ts';

/** First and last character of each run that is escaped; what stands beside a run is kept. */
const UNSAFE_RUNS: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x1f], // C0 controls
  [0x7f, 0x9f], // DEL and the C1 controls
  [0x200b, 0x200f], // zero-width characters and marks of direction
  [0x2028, 0x202e], // separators of lines and paragraphs, embeddings and overrides of direction
  [0x2060, 0x2069], // invisible operators, isolates of direction
  [0xd800, 0xdfff], // half a pair is no text
  [0xfeff, 0xfeff], // zero-width no-break space
];
const isUnsafe = (code: number): boolean => UNSAFE_RUNS.some(([first, last]) => code >= first && code <= last);
const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

test('of all characters of one code unit those that are not safe are escaped, and no other', () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const expected = isUnsafe(code) ? escaped(code) : String.fromCharCode(code);
    if (safeText(String.fromCharCode(code)) !== expected) expect.fail(`${escaped(code)} is treated wrongly`);
  }
});

test.each([
  { text: '', safe: '' },
  { text: 'redis-0 büro "x" \\', safe: 'redis-0 büro "x" \\' },
  { text: 'a\u001b[2Jb\u001b[0m', safe: String.raw`a\u001b[2Jb\u001b[0m` },
  { text: 'one\ntwo\r\n', safe: String.raw`one\u000atwo\u000d\u000a` },
  { text: 'a\u202eb\u2066c', safe: String.raw`a\u202eb\u2066c` },
  { text: '\u{1f600}\ud83d', safe: '\u{1f600}\\ud83d' },
])('$safe', ({ text, safe }) => {
  expect(safeText(text)).toBe(safe);
});

describe('in quotes it is a JSON string', () => {
  test.each([
    { text: '', written: '""' },
    { text: 'a "b" \\', written: String.raw`"a \"b\" \\"` },
    { text: 'one\ntwo', written: String.raw`"one\ntwo"` },
    { text: 'a\u007f\u0085\u2028\u202e\ufeff', written: String.raw`"a\u007f\u0085\u2028\u202e\ufeff"` },
  ])('$written', ({ text, written }) => {
    expect(quoted(text)).toBe(written);
    expect(JSON.parse(quoted(text))).toBe(text);
  });

  test('without any unsafe character, whatever the text holds', () => {
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      const written = quoted(character);
      for (const each of written) {
        if (isUnsafe(each.charCodeAt(0))) expect.fail(`${escaped(code)} is not escaped`);
      }
      if (JSON.parse(written) !== character) expect.fail(`${escaped(code)} is lost`);
    }
  });
});
