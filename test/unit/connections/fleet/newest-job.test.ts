import { expect, test } from 'vitest';
import { NewestJob } from '../../../../src/connections/fleet/newest-job.ts';

function jobsByHand() {
  const begun: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const jobs = new NewestJob(async (name: string) => {
    begun.push(name);
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await end.promise;
    return `${name} done`;
  });
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

test('of those that wait the newest is run, and all get its result', async () => {
  const { jobs, begun, end } = jobsByHand();
  void jobs.run('first');
  const waiting = [jobs.run('second'), jobs.run('third'), jobs.run('fourth')];
  end(0);
  await Promise.resolve();
  await new Promise(setImmediate);
  end(1);
  expect(await Promise.all(waiting)).toEqual(['fourth done', 'fourth done', 'fourth done']);
  expect(begun).toEqual(['first', 'fourth']);
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
