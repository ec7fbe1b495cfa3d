import { expect, test } from 'vitest';
import { TurnSlices } from '../../../../src/clock/turn-slices.ts';
import { jsonListPieces, textPieces } from '../../../../src/web/server/text-pieces.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const pace = () => new TurnSlices(createFakeClock()).pace('other');
const LIMIT = 64 * 1024;

test.each([0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT])(
  '%i characters arrive whole, none is cut in two',
  async (before) => {
    const text = `${'x'.repeat(before)}\u{1F600}${'y'.repeat(LIMIT)}\u{1F600}`;
    let bytes = '';
    for await (const piece of textPieces(text, pace())) {
      expect(piece.length).toBeLessThanOrEqual(LIMIT + 1);
      bytes += Buffer.from(piece).toString();
    }
    expect(bytes).toBe(text);
  },
);

test.each([0, 1, 5000])('a list of %i is JSON, in pieces of one write', async (count) => {
  const items = Array.from({ length: count }, (_, i) => ({ i, text: 'x'.repeat(50) }));
  const pieces: string[] = [];
  for await (const piece of jsonListPieces(
    'items',
    items.map((item) => JSON.stringify(item)),
    pace(),
  ))
    pieces.push(piece);
  expect(JSON.parse(pieces.join(''))).toEqual({ items });
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(LIMIT + 100);
});
