import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, type Splitter } from '../../../../src/discovery/kubernetes/line-splitter.ts';
import { ListSplitter } from '../../../../src/discovery/kubernetes/list-splitter.ts';
import { parseWatchEvent } from '../../../../src/discovery/kubernetes/watch-event.ts';

/** What comes of a text that arrives in pieces of these sizes. */
function split(splitter: Splitter, text: string, sizes: readonly number[]): readonly string[] {
  const bytes = Buffer.from(text);
  const found: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    for (const piece of splitter.push(bytes.subarray(at, at + size))) {
      found.push(piece.kind === 'tooLong' ? 'too long' : piece.text);
      if (piece.kind === 'tooLong') return found;
    }
    at += size;
  }
  return found;
}

const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
const maps = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });

test('objects a line come whole, however they are cut', () => {
  fc.assert(
    fc.property(maps, sizes, (objects, cuts) => {
      const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
      const splitter = new LineSplitter();
      expect(split(splitter, text, cuts).map((each) => JSON.parse(each) as unknown)).toEqual(
        objects.map((object) => JSON.parse(JSON.stringify(object)) as unknown),
      );
      expect(splitter.isComplete).toBe(true);
    }),
  );
});

test('items of a list come whole, however they are cut, and the list without them is the rest', () => {
  const others = fc.dictionary(
    fc.string().filter((key) => key !== 'items' && key !== '__proto__'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(maps, others, sizes, fc.boolean(), (items, more, cuts, isIndented) => {
      const list = { first: { items: [1] }, ...more, items, last: 'items' };
      const splitter = new ListSplitter();
      const found = split(splitter, JSON.stringify(list, null, isIndented ? 2 : 0), cuts);
      const plain = JSON.parse(JSON.stringify(list)) as typeof list;
      expect(found.map((each) => JSON.parse(each) as unknown)).toEqual(plain.items);
      expect(JSON.parse(splitter.rest)).toEqual({ ...plain, items: [] });
      expect(splitter.isComplete).toBe(true);
    }),
  );
});

test('a list that is cut anywhere is not complete', () => {
  const text = JSON.stringify({ metadata: { resourceVersion: '7' }, items: [{ a: '}]"' }, { b: [1] }] });
  for (let length = 0; length < text.length; length += 1) {
    const splitter = new ListSplitter();
    split(splitter, text.slice(0, length), [7]);
    expect(splitter.isComplete, text.slice(0, length)).toBe(false);
  }
});

test('a line, an item and the rest of a list are bounded', () => {
  const long = 'x'.repeat(200);
  expect(split(new LineSplitter(100), `{"a":1}\n{"a":"${long}"}\n`, [50])).toEqual(['{"a":1}', 'too long']);
  expect(split(new LineSplitter(100), `{"a":"${long}`, [1000])).toEqual(['too long']);
  expect(split(new ListSplitter(100), `{"items":[{"a":1},{"a":"${long}`, [50])).toEqual(['{"a":1}', 'too long']);
  expect(split(new ListSplitter(100), `{"items":[{"a":"${long}"}]}`, [1000])).toEqual(['too long']);
  expect(split(new ListSplitter(100), `{"a":"${long}`, [50])).toEqual(['too long']);
});

test('no line of a server throws, and none that has no object is an event', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      expect(parseWatchEvent(line)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR', 'NEW'),
      fc.jsonValue(),
      (type, object) => {
        parseWatchEvent(JSON.stringify({ type, object }));
      },
    ),
  );
});
