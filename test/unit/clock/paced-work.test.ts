import { expect, test } from 'vitest';
import { AGAIN, PacedWork } from '../../../src/clock/paced-work.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** Time that moves only where a job takes some, and phases of the event loop that the test begins. */
function pacing() {
  let now = 0;
  let queued: (() => void)[] = [];
  const work = new PacedWork({
    monotonic: () => now,
    afterPoll(callback) {
      queued.push(callback);
      return { cancel: () => undefined };
    },
  });
  return {
    work,
    take: (ms: number) => void (now += ms),
    /** The sockets were read; false: nobody waited for that. */
    nextPhase(): boolean {
      const callbacks = queued;
      queued = [];
      for (const callback of callbacks) callback();
      return callbacks.length > 0;
    },
    now: () => now,
  };
}

test('what comes alone is done at once', () => {
  const { work, nextPhase } = pacing();
  const done: number[] = [];
  work.run(() => done.push(1));
  work.run(() => done.push(2));
  expect(done).toEqual([1, 2]);
  expect(work.isWaiting).toBe(false);
  nextPhase();
  expect(nextPhase()).toBe(false); // an idle one keeps the event loop from nothing
});

test('what only follows from a job waits until the sockets were read, where the job has its turn at once, too', () => {
  const { work, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => {
    work.runLater(() => done.push('follows'));
    work.run(() => done.push('nested'));
    work.runLater(() => done.push('follows, too'));
    done.push('first');
  });
  work.run(() => done.push('second'));
  expect(done).toEqual(['nested', 'first', 'second']);
  nextPhase();
  expect(done).toEqual(['nested', 'first', 'second', 'follows', 'follows, too']);
  work.runLater(() => done.push('alone'));
  expect(done.at(-1)).toBe('alone');
});

test('3 ms of jobs are done in a phase, the others in their order in the next ones', () => {
  const { work, take, nextPhase } = pacing();
  const done: number[] = [];
  for (let n = 0; n < 8; n++) {
    work.run(() => {
      take(1);
      done.push(n);
    });
  }
  expect(done).toEqual([0, 1, 2]);
  expect(work.isWaiting).toBe(true);
  nextPhase();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  nextPhase();
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(work.isWaiting).toBe(false);
});

test('what comes while others wait is done behind them, be there time or not', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => take(5));
  work.run(() => done.push('first'));
  nextPhase();
  work.run(() => take(5));
  work.run(() => done.push('second'));
  expect(done).toEqual(['first']);
  work.run(() => done.push('third'));
  nextPhase();
  expect(done).toEqual(['first', 'second', 'third']);
});

test('a job that brings another is as good as any', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => take(3));
  work.run(() => {
    done.push('outer');
    work.run(() => done.push('inner'));
  });
  work.run(() => done.push('next'));
  nextPhase();
  expect(done).toEqual(['outer', 'next', 'inner']);
});

test('a phase goes on only as long as it takes to end the job that is over 3 ms, whatever the jobs take', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const { work, take, nextPhase, now } = pacing();
    const done: number[] = [];
    let begunAt = 0;
    let longest = 0;
    let asked = 0;
    const job = (n: number) => (): void => {
      expect(now() - begunAt).toBeLessThan(3);
      take(random() < 0.1 ? 10 * random() : random());
      done.push(n);
      longest = Math.max(longest, now() - begunAt);
      if (random() < 0.2) work.run(job(asked++));
    };
    do {
      begunAt = now();
      for (let more = Math.floor(random() * 4); more > 0 && asked < 60; more--) work.run(job(asked++));
      begunAt = now();
    } while (nextPhase() || asked < 60);
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, n) => n));
    expect(longest).toBeLessThan(13);
  }
});

test('what may wait is done when no other job waits, in its order', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => take(3));
  work.runLater(() => done.push('later 1'));
  work.run(() => {
    take(2);
    done.push('first 1');
    work.runLater(() => done.push('later 2'));
  });
  work.run(() => {
    take(2);
    done.push('first 2');
  });
  expect(done).toEqual([]);
  nextPhase();
  expect(done).toEqual(['first 1', 'first 2']);
  expect(work.isWaiting).toBe(true);
  nextPhase();
  expect(done).toEqual(['first 1', 'first 2', 'later 1', 'later 2']);
  expect(work.isWaiting).toBe(false);
});

test('what comes behind something that waits for the sockets waits with it', () => {
  const { work, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => work.runLater(() => done.push('follows')));
  work.runLater(() => done.push('behind it'));
  expect(done).toEqual([]);
  nextPhase();
  expect(done).toEqual(['follows', 'behind it']);
});

test('what may wait is done at once where nothing waits, and behind what waits already', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.runLater(() => done.push('at once'));
  work.runLater(() => take(3));
  work.runLater(() => done.push('second'));
  expect(done).toEqual(['at once']);
  nextPhase();
  expect(done).toEqual(['at once', 'second']);
});

test('a job of the first kind does not wait for one that may', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => take(3));
  work.runLater(() => {
    take(3);
    done.push('later 1');
  });
  work.runLater(() => done.push('later 2'));
  nextPhase();
  expect(done).toEqual(['later 1']);
  work.run(() => done.push('no time is left'));
  nextPhase();
  expect(done).toEqual(['later 1', 'no time is left', 'later 2']);
});

test('who ends the process has all of it done at once, and what a job brings', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  work.run(() => take(10));
  work.runLater(() => done.push('later'));
  work.run(() => {
    take(10);
    done.push('first');
    work.runLater(() => done.push('brought'));
  });
  work.finish();
  expect(done).toEqual(['first', 'later', 'brought']);
  nextPhase();
  expect(done).toHaveLength(3);
});

test('a job that follows from another one runs behind it, not within it', () => {
  const { work } = pacing();
  let depth = 0;
  let deepest = 0;
  let left = 1000;
  const goOn = (): void => {
    deepest = Math.max(deepest, ++depth);
    if (left-- > 0) work.runLater(goOn);
    depth--;
  };
  work.runLater(goOn);
  work.finish();
  expect(left).toBe(-1);
  expect(deepest).toBe(1);
});

test('half a millisecond of what may wait is done in a phase, so that an end that comes meanwhile is not late', () => {
  const { work, take, nextPhase } = pacing();
  const done: number[] = [];
  work.run(() => {
    for (let n = 0; n < 5; n++) {
      work.runLater(() => {
        take(0.25);
        done.push(n);
      });
    }
  });
  nextPhase();
  expect(done).toEqual([0, 1]);
  work.run(() => done.push(100));
  expect(done).toEqual([0, 1, 100]);
  nextPhase();
  expect(done).toEqual([0, 1, 100, 2, 3]);
  nextPhase();
  expect(done).toEqual([0, 1, 100, 2, 3, 4]);
  nextPhase();
  expect(nextPhase()).toBe(false);
});

test('what is made of steps keeps its place, and jobs of the first kind have theirs between two of them', () => {
  const { work, take, nextPhase } = pacing();
  const done: string[] = [];
  const inSteps = (name: string, steps: number) => {
    let left = steps;
    return () => {
      take(0.3);
      done.push(`${name} ${left}`);
      return --left > 0 ? AGAIN : undefined;
    };
  };
  work.run(() => {
    work.runLater(inSteps('long', 5));
    work.runLater(inSteps('short', 1));
  });
  nextPhase();
  expect(done).toEqual(['long 5', 'long 4']);
  work.run(() => done.push('first'));
  nextPhase();
  expect(done.splice(0)).toEqual(['long 5', 'long 4', 'first', 'long 3', 'long 2']);
  work.finish();
  expect(done).toEqual(['long 1', 'short 1']);
  expect(work.isWaiting).toBe(false);
});

test('what is given to wait by a job that itself waits comes behind all of its steps', () => {
  const { work } = pacing();
  const done: string[] = [];
  let left = 2;
  work.runLater(() => {
    if (left === 2) work.runLater(() => done.push('brought'));
    done.push(`step ${left}`);
    return --left > 0 ? AGAIN : undefined;
  });
  expect(done).toEqual(['step 2', 'step 1', 'brought']);
});
