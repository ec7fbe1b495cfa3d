import { describe, expect, test } from 'vitest';
import { StallMonitor } from '../../../../src/connections/fleet/stall-monitor.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

/** Something is awaited all the time, unless `awaitedMs` says for how long. */
function watching(awaitedMs = Infinity): { clock: FakeClock; monitor: StallMonitor; told: number[] } {
  const clock = createFakeClock();
  const told: number[] = [];
  const monitor = new StallMonitor(clock, (durationMs) => told.push(durationMs));
  monitor.watchFor(awaitedMs);
  monitor.start();
  return { clock, monitor, told };
}

describe('a loop that is not held up', () => {
  test('tells nothing, however long', () => {
    const { clock, monitor, told } = watching();
    clock.advance(60_000);
    expect(told).toEqual([]);
    expect(monitor.stalledMs).toBe(0);
    expect(monitor.justStalled).toBe(false);
  });

  test('lateness of a few milliseconds is told for the histogram, and is no stall', () => {
    const { clock, monitor, told } = watching();
    clock.stall(25);
    expect(told).toEqual([5]);
    expect(monitor.stalledMs).toBe(0);
  });
});

describe('a stall', () => {
  test('is told once, whether the tick sees it first or somebody who asks', () => {
    const { clock, monitor, told } = watching();
    clock.after(30, () => expect(monitor.stalledMs).toBe(480));
    clock.after(10, () => expect(monitor.stalledMs).toBe(480));
    clock.stall(500);
    expect(monitor.stalledMs).toBe(480);
    expect(told).toEqual([480]);
  });

  test('stalls add up, and time between them does not', () => {
    const { clock, monitor, told } = watching();
    for (let i = 0; i < 10; i++) {
      clock.stall(120);
      clock.advance(1000);
    }
    expect(monitor.stalledMs).toBe(1000);
    expect(told).toEqual(Array.from({ length: 10 }, () => 100));
  });

  test('one that goes on after somebody asked is told in parts that do not overlap', () => {
    const clock = createFakeClock();
    let heldUpMs = 0;
    const told: number[] = [];
    const asked: number[] = [];
    const monitor = new StallMonitor({ ...clock, monotonic: () => clock.monotonic() + heldUpMs }, (ms) =>
      told.push(ms),
    );
    // Set before the tick and due with it: it runs first, and holds the loop up for 100 ms three times.
    clock.after(20, () => {
      for (let part = 0; part < 3; part++) {
        heldUpMs += 100;
        asked.push(monitor.stalledMs);
      }
    });
    monitor.watchFor(1000);
    monitor.start();
    clock.advance(20);
    expect(asked).toEqual([100, 200, 300]);
    expect(told).toEqual([100, 100, 100]);
    expect(monitor.stalledMs).toBe(300);
  });

  test('has just been for as long as what is read may have waited for it, and not much longer', () => {
    const { clock, monitor } = watching();
    clock.advance(1000);
    expect(monitor.justStalled).toBe(false);
    clock.stall(500);
    expect(monitor.justStalled).toBe(true);
    clock.advance(40);
    expect(monitor.justStalled).toBe(false);
  });
});

describe('a stall is recent', () => {
  test('for a second, with its length', () => {
    const { clock, monitor } = watching();
    expect(monitor.recentMs).toBe(0);
    clock.stall(520);
    expect(monitor.recentMs).toBe(500);
    clock.advance(999);
    expect(monitor.recentMs).toBe(500);
    clock.advance(1);
    expect(monitor.recentMs).toBe(0);
  });

  test('of several in a row the longest', () => {
    const { clock, monitor } = watching();
    for (const lateMs of [320, 720, 120]) clock.stall(lateMs);
    expect(monitor.recentMs).toBe(700);
    clock.advance(1000);
    clock.stall(120);
    expect(monitor.recentMs).toBe(100);
  });
});

describe('while nothing is awaited', () => {
  test('ten ticks a second see what is longer than 100 ms', () => {
    const { clock, monitor, told } = watching(0);
    clock.advance(50);
    clock.stall(161);
    expect(told).toEqual([111]);
    expect(monitor.stalledMs).toBe(111);
    clock.advance(1000);
    clock.stall(80);
    clock.advance(10);
    expect(told, 'it was over before the next tick').toEqual([111]);
  });

  test('from when something is, a stall of 20 ms is seen, for as long as was asked for', () => {
    const { clock, monitor, told } = watching(0);
    clock.advance(1030);
    monitor.watchFor(500);
    clock.stall(55);
    expect(told).toEqual([35]);
    monitor.watchFor(100);
    clock.advance(440);
    clock.stall(55);
    expect(told, 'a shorter wait does not end a longer one').toEqual([35, 35]);
    clock.advance(1025);
    clock.stall(55);
    clock.advance(45);
    expect(told).toEqual([35, 35]);
  });

  test('its ticks are those of the clock, so that they share a wake-up with others', () => {
    const { clock, monitor } = watching(0);
    clock.advance(130.4);
    monitor.watchFor(1);
    const ticks: number[] = [];
    const after = clock.after.bind(clock);
    clock.after = (ms, callback) => after(ms, () => (ticks.push(clock.monotonic() % 100), callback()));
    clock.advance(1000);
    expect(ticks.length).toBeGreaterThan(8);
    for (const tick of ticks.slice(1)) expect(tick).toBeLessThan(1);
  });

  test('a stall before is none of what is awaited from now on', () => {
    const { clock, monitor } = watching(0);
    clock.after(50, () => {
      monitor.watchFor(500);
      expect(monitor.stalledMs).toBe(400);
    });
    clock.stall(500);
    expect(monitor.stalledMs).toBe(400);
  });
});

test('after a stop no timer is left, and nothing is a stall any more', () => {
  const { clock, monitor, told } = watching();
  monitor.stop();
  expect(clock.pending).toBe(0);
  clock.stall(10_000);
  expect(monitor.stalledMs).toBe(0);
  expect(told).toEqual([]);
});

test('before the start nothing is a stall', () => {
  const clock = createFakeClock();
  const monitor = new StallMonitor(clock, () => expect.unreachable());
  clock.stall(10_000);
  expect(monitor.stalledMs).toBe(0);
});
