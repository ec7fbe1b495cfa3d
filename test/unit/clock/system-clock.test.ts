import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/clock/system-clock.ts';

const DAY_MS = 86_400_000;

describe('a timer', () => {
  afterEach(() => void vi.useRealTimers());

  test.each([
    { what: 'a millisecond', ms: 1 },
    { what: 'the longest that the runtime can set', ms: 2 ** 31 - 1 },
    { what: 'a millisecond more than that', ms: 2 ** 31 },
    { what: '25 days', ms: 25 * DAY_MS },
    { what: '100 days', ms: 100 * DAY_MS },
  ])('of $what fires then, once, and not before', ({ ms }) => {
    vi.useFakeTimers();
    let fired = 0;
    systemClock.after(ms, () => fired++);
    vi.advanceTimersByTime(ms - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(200 * DAY_MS);
    expect(fired).toBe(1);
  });

  test.each([1, 30, 60, 90])('of 100 days that is cancelled after %i days does not fire', (days) => {
    vi.useFakeTimers();
    let fired = 0;
    const timer = systemClock.after(100 * DAY_MS, () => fired++);
    vi.advanceTimersByTime(days * DAY_MS);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(200 * DAY_MS);
    expect(fired).toBe(0);
    timer.cancel();
  });
});

test('afterPoll comes after the sockets that are readable now were read, and not when it was cancelled', async () => {
  const saw: string[] = [];
  const server = createServer((socket) => void socket.write('x')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  await once(socket, 'data');
  const peer = accepted[0] as import('node:net').Socket;
  socket.on('data', () => saw.push('data'));
  peer.write('y');
  await new Promise((resolve) => peer.write('', resolve)); // in the kernel, in whole
  const done = Promise.withResolvers<void>();
  // From a timer the poll comes next, as where a deadline passed.
  systemClock.after(0, () => {
    systemClock.afterPoll(() => saw.push('cancelled')).cancel();
    systemClock.afterPoll(() => {
      saw.push('after the poll');
      done.resolve();
    });
  });
  await done.promise;
  expect(saw).toEqual(['data', 'after the poll']);
  socket.destroy();
  peer.destroy();
  server.close();
});

test('the monotonic time never goes back, and has fractions', () => {
  const moments = Array.from({ length: 1000 }, () => systemClock.monotonic());
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  expect(moments.some((moment) => !Number.isInteger(moment))).toBe(true);
});

test('the wall clock is the time of day in milliseconds', () => {
  vi.useFakeTimers({ now: 1_800_000_000_123 });
  expect(systemClock.now()).toBe(1_800_000_000_123);
  vi.useRealTimers();
});
