import { expect, test } from 'vitest';
import { quoteValue } from '../../../src/text/quote-value.ts';

test.each([
  { value: [], quoted: 'a list' },
  { value: {}, quoted: 'a map' },
  { value: null, quoted: 'empty' },
  { value: true, quoted: 'the boolean true' },
  { value: 5, quoted: 'the number 5' },
  { value: 5n, quoted: 'the number 5' },
  { value: '5', quoted: '"5"' },
  { value: 'a\n"b"', quoted: String.raw`"a\n\"b\""` },
  { value: 'http://me:pw@h/x', quoted: '"http://<secret>@h/x"' },
  { value: 'http://me:p/w@h', quoted: '"http://<secret>@h"' },
  { value: 'redis://:p@w@h:1', quoted: '"redis://<secret>@h:1"' },
  { value: 'a@b', quoted: '"a@b"' },
  { value: 'a@http://b', quoted: '"a@http://b"' },
  { value: 'x'.repeat(60), quoted: `"${'x'.repeat(60)}"` },
  { value: 'x'.repeat(61), quoted: `"${'x'.repeat(60)}..."` },
])('$value is $quoted', ({ value, quoted }) => {
  expect(quoteValue(value)).toBe(quoted);
});
