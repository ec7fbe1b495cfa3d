import { expect, test } from 'vitest';
import type { Clock } from '../../../src/clock/clock.ts';
import { runInSlices } from '../../../src/clock/run-in-slices.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

type Counted = { readonly clock: Clock; readonly slices: number[]; readonly steps: () => Generator<void, string> };

/** Ten steps of `msEach` each, and how many of them were done each time that the event loop was given back. */
function tenSteps(msEach: number): Counted {
  const fake = createFakeClock();
  const slices: number[] = [];
  let done = 0;
  const clock: Clock = {
    ...fake,
    afterPoll(callback) {
      slices.push(done);
      return fake.afterPoll(callback);
    },
  };
  function* steps(): Generator<void, string> {
    for (; done < 10; done++) {
      fake.advance(msEach);
      yield;
    }
    return 'all';
  }
  return { clock, slices, steps };
}

test('gives the event loop back after each 1 ms', async () => {
  const { clock, slices, steps } = tenSteps(0.4);
  expect(await runInSlices(clock, steps())).toBe('all');
  expect(slices).toEqual([2, 5, 8]);
});

test('does what fits one slice before it returns', () => {
  const { clock, slices, steps } = tenSteps(0.09);
  let result: string | null = null;
  void runInSlices(clock, steps()).then((all) => (result = all));
  expect(slices).toEqual([]);
  return Promise.resolve().then(() => expect(result).toBe('all'));
});

test('takes no further step once it is cancelled', async () => {
  const { clock, slices, steps } = tenSteps(0.4);
  expect(await runInSlices(clock, steps(), () => slices.length === 2)).toBeNull();
  expect(slices).toEqual([2, 5]);
});
