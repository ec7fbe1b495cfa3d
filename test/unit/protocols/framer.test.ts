import { array, assert, integer, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { Framer } from '../../../src/protocols/framer.ts';

/** Frames whose first byte is their length, header included. */
const framer = (keepAtMost = 255) =>
  new Framer({ headerBytes: 1, sizeOf: ([length = 0]) => (length === 255 ? null : length), keepAtMost });

function framesIn(one: Framer, pieces: readonly Uint8Array[]) {
  const found: (readonly number[])[] = [];
  for (const piece of pieces) {
    one.feed(piece);
    for (let next = one.next(); next.kind !== 'more'; next = one.next()) {
      if (next.kind === 'broken') return { found, isBroken: true };
      found.push([...next.bytes]);
    }
  }
  return { found, isBroken: false };
}

test('frames come whole, whatever pieces the stream comes in', () => {
  const frames = array(uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 8 });
  assert(
    property(frames, array(integer({ min: 1, max: 9 }), { minLength: 1 }), (bodies, sizes) => {
      const stream = bodies.flatMap((body) => [body.length + 1, ...body]);
      const pieces: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        pieces.push(Uint8Array.from(stream.slice(at, at + size)));
        at += size;
      }
      const expected = bodies.map((body) => [body.length + 1, ...body]);
      expect(framesIn(framer(), pieces)).toEqual({ found: expected, isBroken: false });
    }),
  );
});

test('what is longer than may be kept is cut, and what follows is found', () => {
  const { found } = framesIn(framer(3), [Uint8Array.of(6, 1, 2, 3, 4, 5, 2, 9)]);
  expect(found).toEqual([
    [6, 1, 2],
    [2, 9],
  ]);
});

test('a frame shorter than its header would be found for ever: it is broken, and so is a length that is not allowed', () => {
  expect(framesIn(framer(), [Uint8Array.of(2, 1, 0, 0)])).toEqual({
    found: [[2, 1]],
    isBroken: true,
  });
  const one = framer();
  one.feed(Uint8Array.of(255));
  expect([one.next(), one.next()]).toEqual([{ kind: 'broken' }, { kind: 'broken' }]);
  one.feed(Uint8Array.of(2, 1));
  expect(one.next()).toEqual({ kind: 'broken' });
});

test('a header that goes on is read byte by byte, whatever pieces it comes in', () => {
  // Seven bits a byte, the highest of them says that another follows, at most three.
  const sizeOf = (header: Uint8Array) => {
    if ((header.at(-1) ?? 0) > 127) return header.length < 3 ? ('longer' as const) : null;
    return header.length + header.reduce((sum, byte, at) => sum + (byte & 127) * 128 ** at, 0);
  };
  const open = () => new Framer({ headerBytes: 1, sizeOf, keepAtMost: 4 });
  const stream = Uint8Array.from([2, 7, 8, 0x83, 1, ...Array<number>(131).fill(5), 0]);
  const expected = [[2, 7, 8], [0x83, 1, 5, 5], [0]];
  for (let size = 1; size <= stream.length; size++) {
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
      stream.subarray(at * size, (at + 1) * size),
    );
    expect(framesIn(open(), pieces), `pieces of ${size}`).toEqual({ found: expected, isBroken: false });
  }
  expect(framesIn(open(), [Uint8Array.of(0x80), Uint8Array.of(0x80, 0x80)])).toEqual({ found: [], isBroken: true });
});
