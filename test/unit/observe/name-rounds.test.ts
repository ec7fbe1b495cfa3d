import { expect, test } from 'vitest';
import { NameRounds } from '../../../src/observe/name-rounds.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('a name is new until it was looked up, answered or not; one that comes meanwhile waits for the next round', async () => {
  const clock = createFakeClock();
  const names = new Set(['a']);
  const answers: ((addresses: readonly string[] | null) => void)[] = [];
  const ended: boolean[] = [];
  const answer = async (): Promise<void> => {
    answers.shift()?.(null);
    await new Promise(setImmediate);
  };
  const rounds: NameRounds = new NameRounds({
    clock,
    names: () => names,
    resolve: () => new Promise((resolve) => void answers.push(resolve)),
    answered: () => {},
    roundEnded: () => void ended.push(rounds.hasNew),
  });
  expect(rounds.hasNew).toBe(false);
  rounds.wake();
  expect(rounds.hasNew).toBe(true);
  clock.advance(50);
  expect({ asked: answers.length, hasNew: rounds.hasNew }).toEqual({ asked: 1, hasNew: true });
  rounds.wake();
  await answer();
  expect(ended).toEqual([true]);
  clock.advance(50);
  await answer();
  expect(ended).toEqual([true, false]);
  // Those of every 30 s have nothing new.
  clock.advance(30_000);
  expect({ asked: answers.length, hasNew: rounds.hasNew }).toEqual({ asked: 1, hasNew: false });
  rounds.stop();
});
