import { expect, test } from 'vitest';
import { longestWord, wrapText } from '../../../src/text/wrap-text.ts';

test.each([
  { text: 'one two three', width: 7, lines: ['one two', 'three'] },
  { text: 'one two three', width: 13, lines: ['one two three'] },
  { text: 'one two three', width: 12, lines: ['one two', 'three'] },
  { text: 'one two three', width: null, lines: ['one two three'] },
  { text: '', width: 5, lines: [''] },
  { text: 'to [2001:db8::7]:6379 now', width: 10, lines: ['to', '[2001:db8::7]:6379', 'now'] },
  { text: 'next try in 430 ms', width: 15, lines: ['next try in', '430 ms'] },
  { text: 'up 1 m 20 s, sent 140 B', width: 8, lines: ['up 1 m', '20 s,', 'sent', '140 B'] },
  { text: 'after 3 seconds 4 men', width: 7, lines: ['after 3', 'seconds', '4 men'] },
])('$text in $width columns', ({ text, width, lines }) => {
  expect(wrapText(text, width)).toEqual(lines);
});

test('the longest word is what no line can be narrower than, a figure with its unit included', () => {
  expect(longestWord('after 1234 kB or so')).toBe('1234 kB'.length);
});
