import { array, assert, nat, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { createAnswerMatcher } from '../../../src/protocols/answer-matcher.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test.each([
  ['+PONG', ['+PONG\r\n'], true],
  ['+PONG', ['+', 'P', 'O', 'N', 'G'], true],
  ['+PONG', ['noise +PO', 'NG'], true],
  ['+PONG', ['+PON', '+PONG'], true],
  ['+PONG', ['-ERR', '\r\n'], false],
  ['aab', ['aa', 'ab'], true],
  ['abab', ['abaabab'], true],
  ['aaab', ['aaaab'], true],
  ['aacd', ['aacacd'], false],
  ['aabaaac', ['aabaaabaaac'], true],
  ['\x00\xff', ['\x00\x00', '\xff'], true],
] as const)('%j in %j: %s', (expected, pieces, found) => {
  const matcher = createAnswerMatcher(bytes(expected));
  expect(pieces.map((piece) => matcher.feed(bytes(piece))).at(-1)).toBe(found);
});

test('what was found stays found, until a reset', () => {
  const matcher = createAnswerMatcher(bytes('ok'));
  expect([matcher.feed(bytes('ok')), matcher.feed(bytes('x'))]).toEqual([true, true]);
  matcher.reset();
  expect(matcher.feed(bytes('o'))).toBe(false);
});

test('it finds what a search of the whole finds, however the bytes are cut', () => {
  const few = uint8Array({ max: 2, maxLength: 40 });
  assert(
    property(uint8Array({ max: 2, minLength: 1, maxLength: 5 }), few, array(nat(40)), (expected, stream, cuts) => {
      const matcher = createAnswerMatcher(expected);
      const places = [0, ...cuts.filter((cut) => cut < stream.length).toSorted((a, b) => a - b), stream.length];
      const found = places.slice(1).map((place, i) => matcher.feed(stream.subarray(places[i], place)));
      expect(found.at(-1)).toBe(Buffer.from(stream).includes(Buffer.from(expected)));
    }),
  );
});
