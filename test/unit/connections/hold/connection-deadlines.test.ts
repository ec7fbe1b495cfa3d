import { describe, expect, test } from 'vitest';
import { ConnectionDeadlines, type DeadlineSettings } from '../../../../src/connections/hold/connection-deadlines.ts';
import { TimerWheel } from '../../../../src/connections/hold/timer-wheel.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';

type Watched = {
  readonly clock: FakeClock;
  readonly deadlines: ConnectionDeadlines;
  /** What passed, with the moment. */
  readonly saw: string[];
  /** The peer sent a byte now. */
  receive(): void;
  /** So many bytes of ours wait for the kernel. */
  queue(bytes: number): void;
};

const NEVER: DeadlineSettings = { idleTimeoutMs: 0, writeTimeoutMs: 0, maxConnectionAgeMs: 0, sampleIntervalMs: 0 };

function watched(settings: Partial<DeadlineSettings>, random = 0.5): Watched {
  const clock = createFakeClock();
  const saw: string[] = [];
  let lastReceivedAt = 0;
  let queued = 0;
  const see = (what: string) => () => void saw.push(`${what} at ${clock.monotonic()}`);
  const deadlines = new ConnectionDeadlines({
    settings: { ...NEVER, ...settings },
    holder: {
      get lastReceivedAt() {
        return lastReceivedAt;
      },
      receivedBytes: 0,
      get queuedBytes() {
        return queued;
      },
      idleTooLong: see('idle'),
      writeStalled: see('stalled'),
      tooOld: see('too old'),
    },
    sampled: { sampleDue: see('sample') },
    context: { clock, random: () => random, wheel: new TimerWheel(clock) },
  });
  deadlines.start();
  return {
    clock,
    deadlines,
    saw,
    receive: () => (lastReceivedAt = clock.monotonic()),
    queue: (bytes) => (queued = bytes),
  };
}

/** Time passes, and what fell due is judged. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

describe('write_timeout', () => {
  test('bytes of which the kernel takes none are a stall, then and not before', async () => {
    const { clock, deadlines, saw, queue } = watched({ writeTimeoutMs: 30_000 });
    await pass(clock, 5000);
    queue(100);
    deadlines.written();
    await pass(clock, 29_999);
    expect(saw).toEqual([]);
    await pass(clock, 1);
    expect(saw).toEqual(['stalled at 35000']);
  });

  test('a peer that takes bytes slowly but steadily is never stalled', async () => {
    const { clock, deadlines, saw, queue } = watched({ writeTimeoutMs: 30_000 });
    queue(1000);
    deadlines.written();
    for (let left = 999; left > 980; left--) {
      await pass(clock, 20_000);
      queue(left);
    }
    expect(saw).toEqual([]);
    // The last look at the queue saw progress; one whole wait without any is a stall.
    await pass(clock, 30_000);
    await pass(clock, 30_000);
    expect(saw).toHaveLength(1);
  });

  test('a queue that drained needs no look any more', async () => {
    const { clock, deadlines, saw, queue } = watched({ writeTimeoutMs: 30_000 });
    queue(1000);
    deadlines.written();
    queue(0);
    await pass(clock, 120_000);
    expect([saw, clock.pending]).toEqual([[], 0]);
  });

  test('zero watches nothing', async () => {
    const { clock, deadlines, saw, queue } = watched({});
    queue(1000);
    deadlines.written();
    await pass(clock, 86_400_000);
    expect([saw, clock.pending]).toEqual([[], 0]);
  });

  test('a reload that shortens it counts from now', async () => {
    const { clock, deadlines, saw, queue } = watched({ writeTimeoutMs: 30_000 });
    queue(1000);
    deadlines.written();
    await pass(clock, 10_000);
    deadlines.reconfigure({ ...NEVER, writeTimeoutMs: 5000 });
    await pass(clock, 5000);
    expect(saw).toEqual(['stalled at 15000']);
  });
});

describe('max_connection_age', () => {
  test.each([
    { random: 0, age: 54_000 },
    { random: 0.25, age: 57_000 },
    { random: 0.5, age: 60_000 },
    { random: 0.999_999, age: 66_000 },
  ])('differs by up to a tenth either way: with chance $random it is about $age ms', async ({ random, age }) => {
    const { clock, saw } = watched({ maxConnectionAgeMs: 60_000 }, random);
    await pass(clock, age - 1);
    expect(saw).toEqual([]);
    await pass(clock, 1);
    expect(saw).toHaveLength(1);
  });

  test('counts from the start of the connection when a reload changes it, and goes off at once where it is over', async () => {
    const { clock, deadlines, saw } = watched({ maxConnectionAgeMs: 60_000 });
    await pass(clock, 30_000);
    deadlines.reconfigure({ ...NEVER, maxConnectionAgeMs: 45_000 });
    await pass(clock, 15_000);
    expect(saw).toEqual(['too old at 45000']);
    deadlines.reconfigure({ ...NEVER, maxConnectionAgeMs: 1000 });
    await pass(clock, 0);
    expect(saw).toEqual(['too old at 45000', 'too old at 45000']);
  });
});

describe('idle_timeout', () => {
  test('counts from the last byte', async () => {
    const { clock, saw, receive } = watched({ idleTimeoutMs: 10_000 });
    await pass(clock, 9000);
    receive();
    await pass(clock, 9999);
    expect(saw).toEqual([]);
    await pass(clock, 1);
    expect(saw).toEqual(['idle at 19000']);
  });

  test('a byte that is read right after it passed is in time', async () => {
    const { clock, saw, receive } = watched({ idleTimeoutMs: 10_000 });
    clock.advance(10_000);
    receive();
    await settled();
    expect(saw).toEqual([]);
    await pass(clock, 10_000);
    expect(saw).toEqual(['idle at 20000']);
  });

  test('a reload counts it from the last byte, not from the reload', async () => {
    const { clock, deadlines, saw } = watched({ idleTimeoutMs: 60_000 });
    await pass(clock, 8000);
    deadlines.reconfigure({ ...NEVER, idleTimeoutMs: 10_000 });
    await pass(clock, 2000);
    expect(saw).toEqual(['idle at 10000']);
  });
});

test('samples come at intervals, the first at a random moment within one', async () => {
  const { clock, deadlines, saw } = watched({ sampleIntervalMs: 10_000 }, 0.3);
  await pass(clock, 25_000);
  deadlines.reconfigure({ ...NEVER, sampleIntervalMs: 1000 });
  await pass(clock, 2000);
  expect(saw).toEqual(['sample at 3000', 'sample at 13000', 'sample at 23000', 'sample at 25300', 'sample at 26300']);
});

test('a reload that changes nothing puts nothing off', async () => {
  const settings = { idleTimeoutMs: 10_000, writeTimeoutMs: 7000, maxConnectionAgeMs: 8000, sampleIntervalMs: 6000 };
  const { clock, deadlines, saw, queue } = watched(settings);
  queue(1);
  deadlines.written();
  await pass(clock, 5000);
  deadlines.reconfigure({ ...settings });
  await pass(clock, 5000);
  expect(saw).toEqual(['sample at 3000', 'sample at 9000', 'stalled at 10000', 'too old at 10000', 'idle at 10000']);
});

test('after a stop nothing comes, not even what had passed and was to be looked at', async () => {
  const { clock, deadlines, saw, queue } = watched({
    idleTimeoutMs: 10_000,
    writeTimeoutMs: 10_000,
    maxConnectionAgeMs: 10_000,
    sampleIntervalMs: 50_000,
  });
  queue(1);
  deadlines.written();
  clock.advance(10_000);
  deadlines.stop();
  await settled();
  await pass(clock, 100_000);
  expect([saw, clock.pending]).toEqual([[], 0]);
});
