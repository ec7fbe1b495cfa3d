import { expect, test } from 'vitest';
import { FairQueue } from '../../../../src/web/server/fair-queue.ts';

/** Pushes `a1 a2 b1` (source and number) and gives what found no place, in that order. */
function pushed(queue: FairQueue<string>, items: string): readonly (string | null)[] {
  return items.split(' ').map((item) => queue.push(item.charAt(0), item));
}

function drained(queue: FairQueue<string>): string {
  const items: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items.join(' ');
}

test('sources take turns, each keeps its own order', () => {
  const queue = new FairQueue<string>(10);
  expect(pushed(queue, 'a1 a2 a3 b1 b2 c1')).toEqual([null, null, null, null, null, null]);
  expect(queue.size).toBe(6);
  expect(drained(queue)).toBe('a1 b1 c1 a2 b2 a3');
  expect(queue.size).toBe(0);
});

test('a source that has had its turn waits behind one that came later', () => {
  const queue = new FairQueue<string>(10);
  pushed(queue, 'a1 a2');
  expect(queue.shift()).toBe('a1');
  pushed(queue, 'b1 a3');
  expect(drained(queue)).toBe('a2 b1 a3');
});

test('when it is full, the newest of the source with most makes room for a source with fewer', () => {
  const queue = new FairQueue<string>(4);
  expect(pushed(queue, 'a1 a2 a3 a4 b1 b2 a5 c1 d1 e1')).toEqual([
    null,
    null,
    null,
    null,
    'a4', // for b1
    'a3', // for b2
    'a5', // two and two: a third would only change who has most
    expect.stringMatching(/^a2|b2$/),
    expect.stringMatching(/^a2|b2$/),
    'e1', // four sources with one each
  ]);
  expect(queue.size).toBe(4);
  expect(drained(queue)).toBe('a1 b1 c1 d1');
});
