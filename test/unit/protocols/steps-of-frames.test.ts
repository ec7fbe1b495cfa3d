import { expect, test } from 'vitest';
import { Framer } from '../../../src/protocols/framer.ts';
import type { Step } from '../../../src/protocols/session.ts';
import { stepsOfFrames } from '../../../src/protocols/steps-of-frames.ts';

const LEFT: readonly Step[] = [{ kind: 'left' }];
const BROKEN: readonly Step[] = [{ kind: 'broken', expected: 'frames' }];
const REFUSED: readonly Step[] = [{ kind: 'refused', goodbye: 'other' }];

/** Frames of one byte: 0 is none, 9 ends the session. */
function reader() {
  const framer = new Framer({ headerBytes: 1, sizeOf: ([first]) => (first === 0 ? null : 1), keepAtMost: 1 });
  const take = ([first]: Uint8Array) => (first === 9 ? REFUSED : LEFT);
  return (...piece: readonly number[]) => stepsOfFrames(framer, Uint8Array.from(piece), { take, broken: () => BROKEN });
}

test('each frame gives its steps, up to one that ends the session', () => {
  expect(reader()(1, 2)).toEqual([...LEFT, ...LEFT]);
  const ended = reader();
  expect(ended(1, 9, 2)).toEqual([...LEFT, ...REFUSED]);
  expect(ended(1)).toEqual([]);
});

test('what begins no frame ends it as well', () => {
  const ended = reader();
  expect(ended(1, 0, 2)).toEqual([...LEFT, ...BROKEN]);
  expect(ended(1)).toEqual([]);
});

test('a piece may hold 2,000 frames, and the next one as many', () => {
  const many = Array.from({ length: 2000 }, () => 1);
  const read = reader();
  expect(read(...many)).toHaveLength(2000);
  expect(read(...many)).toHaveLength(2000);
  expect(read(...many, 1, 1).slice(2000)).toEqual([{ kind: 'broken', expected: 'too many frames came at a time' }]);
  expect(read(1)).toEqual([]);
});

test('what begins no frame is called so behind 2,000 of them, too', () => {
  const many = Array.from({ length: 2000 }, () => 1);
  expect(reader()(...many, 0).slice(2000)).toEqual(BROKEN);
});
