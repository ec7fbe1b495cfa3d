import { expect, test } from 'vitest';
import { JoinedJobs } from '../../../../src/connections/fleet/joined-jobs.ts';

function jobsByHand() {
  const begun: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const jobs = new JoinedJobs(
    async (name: string) => {
      begun.push(name);
      const end = Promise.withResolvers<void>();
      ends.push(end);
      await end.promise;
      return `${name} done`;
    },
    (waiting, next) => (waiting[0] === next[0] ? `${waiting}+${next}` : null),
  );
  return { jobs, begun, end: (n: number) => ends[n]?.resolve(), fail: (n: number) => ends[n]?.reject(new Error('x')) };
}

test('a job begins before run returns, and another waits for its end', async () => {
  const { jobs, begun, end } = jobsByHand();
  const first = jobs.run('first');
  const second = jobs.run('second');
  expect(begun).toEqual(['first']);
  end(0);
  expect(await first).toBe('first done');
  expect(begun).toEqual(['first', 'second']);
  end(1);
  expect(await second).toBe('second done');
});

test('those that wait are joined where they can be, and run in the order of asking', async () => {
  const { jobs, begun, end } = jobsByHand();
  void jobs.run('a');
  const waiting = [jobs.run('b1'), jobs.run('b2'), jobs.run('c'), jobs.run('b3')];
  for (const n of [0, 1, 2, 3]) {
    end(n);
    await new Promise(setImmediate);
  }
  expect(await Promise.all(waiting)).toEqual(['b1+b2 done', 'b1+b2 done', 'c done', 'b3 done']);
  expect(begun).toEqual(['a', 'b1+b2', 'c', 'b3']);
});

test('a job that fails fails for whoever asked for it alone, and the next one runs', async () => {
  const { jobs, end, fail } = jobsByHand();
  const first = jobs.run('first');
  const second = jobs.run('second');
  fail(0);
  await expect(first).rejects.toThrow('x');
  end(1);
  expect(await second).toBe('second done');
});
