import { expect, test } from 'vitest';
import { ReloadQueue } from '../../../src/daemon/reload-queue.ts';
import type { ReloadResult } from '../../../src/settings/reload-result.ts';

/** A queue whose reloads end by hand. */
function queueByHand() {
  const running: PromiseWithResolvers<ReloadResult>[] = [];
  const queue = new ReloadQueue(() => {
    const reload = Promise.withResolvers<ReloadResult>();
    running.push(reload);
    return reload.promise;
  });
  return { queue, running };
}

const failed = (problem: string): ReloadResult => ({ kind: 'invalid', problems: [problem] });

test('one that comes while another runs is answered by the next load, which all that wait share', async () => {
  const { queue, running } = queueByHand();
  const first = queue.request();
  const waiting = [queue.request(), queue.request(), queue.request()];
  expect(running).toHaveLength(1);
  running[0]?.resolve(failed('first'));
  expect(await first).toEqual(failed('first'));
  await expect.poll(() => running.length).toBe(2);
  const third = queue.request();
  running[1]?.resolve(failed('second'));
  expect(await Promise.all(waiting)).toEqual([failed('second'), failed('second'), failed('second')]);
  await expect.poll(() => running.length).toBe(3);
  running[2]?.resolve(failed('third'));
  expect(await third).toEqual(failed('third'));
  expect(running).toHaveLength(3);
});

test('a reload with a bug is thrown at those who asked for it, and the next one runs', async () => {
  const { queue, running } = queueByHand();
  const first = queue.request();
  const second = queue.request();
  running[0]?.reject(new TypeError('a bug'));
  await expect(first).rejects.toThrow('a bug');
  await expect.poll(() => running.length).toBe(2);
  running[1]?.resolve({ kind: 'reloaded' });
  expect(await second).toEqual({ kind: 'reloaded' });
});
