import { expect, test } from 'vitest';
import { TurnSlices, type SliceRank } from '../../../src/clock/turn-slices.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

/** Work of many steps of an eighth of a millisecond each, which writes its name down whenever it was given a slice. */
function workers(...ranks: readonly (readonly [name: string, rank: SliceRank])[]) {
  const fake = createFakeClock();
  let turns = 0;
  const clock = { ...fake, afterPoll: (callback: () => void) => (turns++, fake.afterPoll(callback)) };
  const slices = new TurnSlices(clock);
  const order: string[] = [];
  const work = async (name: string, rank: SliceRank, steps: number): Promise<void> => {
    const pace = slices.pace(rank);
    for (let step = 0; step < steps; step++) {
      if (pace.isOver()) {
        await pace.next();
        order.push(name);
      }
      fake.advance(0.125);
    }
  };
  return {
    order,
    turns: () => turns,
    run: (steps: number) => Promise.all(ranks.map(([name, rank]) => work(name, rank, steps))),
  };
}

test('all work together holds the event loop for a quarter of a millisecond a turn, each gets a slice in its order', async () => {
  const { order, turns, run } = workers(['a', 'other'], ['b', 'other'], ['c', 'other']);
  await run(4);
  expect(order).toEqual(['a', 'b', 'c', 'b', 'c']);
  expect(turns()).toBe(6); // 1.5 ms of work
});

test('a scrape goes first, but for one slice in four', async () => {
  const { order, run } = workers(['json', 'other'], ['page', 'other'], ['scrape', 'scrape']);
  await run(12);
  expect(order.slice(0, 10).join(' ')).toBe('scrape scrape scrape json scrape scrape scrape page json page');
});

test('what fits into what is left of a turn waits for nothing', async () => {
  const { order, turns, run } = workers(['a', 'other'], ['b', 'other']);
  await run(1);
  expect(order).toEqual([]);
  expect(turns()).toBe(1);
});
