import { expect, test } from 'vitest';
import { afterReading } from '../../../../src/connections/link/after-reading.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

/** Looks at the sockets, one after the other, at each of which so many bytes arrive; those beyond bring none. */
async function decidedAfter(arriving: readonly number[], cancelAfter = Infinity): Promise<number | null> {
  let received = 0;
  let looks = 0;
  let decided: number | null = null;
  const clock = createFakeClock();
  const timer = afterReading(
    clock,
    () => received,
    () => (decided = looks),
  );
  while (decided === null && looks < 100) {
    if (looks === cancelAfter) timer.cancel();
    received += arriving[looks] ?? 0;
    looks += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return decided;
}

test.each([
  { when: 'nothing arrives', arriving: [], looks: 1 },
  { when: 'bytes lie in the kernel', arriving: [100], looks: 2 },
  { when: 'it takes several turns to read them', arriving: [65_536, 65_536, 20], looks: 4 },
  { when: 'the peer never stops', arriving: Array.from({ length: 100 }, () => 1), looks: 32 },
])('it decides after $looks looks when $when', async ({ arriving, looks }) => {
  expect(await decidedAfter(arriving)).toBe(looks);
});

test('it does not decide any more once it is cancelled, also between two looks', async () => {
  expect(await decidedAfter([], 0)).toBeNull();
  expect(await decidedAfter([1, 1, 1], 1)).toBeNull();
});
