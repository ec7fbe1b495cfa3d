import { describe, expect, test } from 'vitest';
import { StallMonitor } from '../../../../src/connections/fleet/stall-monitor.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

function watching(): { clock: FakeClock; monitor: StallMonitor; told: number[] } {
  const clock = createFakeClock();
  const told: number[] = [];
  const monitor = new StallMonitor(clock, (durationMs) => told.push(durationMs));
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
