import { expect, test } from 'vitest';
import { ConnectRate } from '../../../../src/connections/fleet/connect-rate.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { liveObjects } from '../../../support/live-objects.ts';

test('1,000 requests at 200 a second take five seconds, first come first served', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 200);
  const granted: { readonly n: number; readonly at: number }[] = [];
  for (let n = 0; n < 1000; n++) rate.request(() => granted.push({ n, at: clock.monotonic() }));
  clock.advance(10_000);
  expect(granted.map(({ n }) => n)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  const last = granted.at(-1)?.at ?? 0;
  expect(last).toBeGreaterThan(4800);
  expect(last).toBeLessThan(5200);
  for (let second = 0; second < 5; second++) {
    const inSecond = granted.filter(({ at }) => at >= second * 1000 && at < (second + 1) * 1000).length;
    expect(inSecond).toBeLessThanOrEqual(205);
  }
});

test('nothing is granted while ends wait, and then as slowly as ever', () => {
  const clock = createFakeClock();
  const ends = { isWaiting: true };
  const rate = new ConnectRate({ clock, ends }, 200);
  let granted = 0;
  for (let n = 0; n < 100; n++) rate.request(() => granted++);
  clock.advance(10_000);
  expect(granted).toBe(0);
  ends.isWaiting = false;
  clock.advance(20);
  expect(granted).toBe(4);
  clock.advance(80);
  expect(granted).toBe(20);
});

test('an end that a grant brings goes before the next grant', () => {
  const clock = createFakeClock();
  const ends = { isWaiting: false };
  const rate = new ConnectRate({ clock, ends }, 1000);
  let granted = 0;
  for (let n = 0; n < 100; n++) rate.request(() => (ends.isWaiting = ++granted === 30));
  clock.advance(1000);
  expect(granted).toBe(30);
});

test('grants hold the event loop for 5 ms at a time', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1000);
  let granted = 0;
  const grant = (): void => {
    granted++;
    clock.stall(2);
  };
  for (let n = 0; n < 100; n++) rate.request(grant);
  clock.advance(100);
  granted = 0;
  clock.advance(20);
  expect(granted).toBe(3);
});

test('a tick that is late has the sockets read first', async () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1000);
  let granted = 0;
  for (let n = 0; n < 100; n++) rate.request(() => granted++);
  clock.advance(0);
  granted = 0;
  clock.stall(71); // due at 20
  expect(granted).toBe(0);
  await settled();
  expect(granted).toBe(20);
  clock.stall(70);
  expect(granted).toBe(40);
});

test('one a second is one a second', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1);
  let granted = 0;
  for (let n = 0; n < 5; n++) rate.request(() => granted++);
  clock.advance(2500);
  expect(granted).toBe(3);
});

test("a cancelled request takes nobody's turn, and a rate can be changed while others wait", () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1);
  const granted: string[] = [];
  rate.request(() => granted.push('first')).cancel();
  rate.request(() => granted.push('second'));
  rate.request(() => granted.push('third'));
  clock.advance(0);
  expect(granted).toEqual(['second']);
  rate.setRate(100);
  clock.advance(1000);
  expect(granted).toEqual(['second', 'third']);
  expect(clock.pending).toBe(0);
});

test('a further address of an attempt that runs goes before new attempts, and takes a turn of the rate as they do', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1);
  const granted: string[] = [];
  rate.request(() => granted.push('new'));
  rate.requestFirst(() => granted.push('further'));
  rate.requestFirst(() => granted.push('cancelled')).cancel();
  clock.advance(0);
  expect(granted).toEqual(['further']);
  clock.advance(1000);
  expect(granted).toEqual(['further', 'new']);
  expect(clock.pending).toBe(0);
});

test('a name with a thousand addresses leaves a fifth of the rate to new attempts', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 100);
  const granted: string[] = [];
  for (let n = 0; n < 100; n++) rate.request(() => granted.push('new'));
  const further = (): void => {
    granted.push('further');
    rate.requestFirst(further);
  };
  rate.requestFirst(further);
  clock.advance(1000);
  expect(granted.length).toBeGreaterThan(90);
  expect(granted.filter((which) => which === 'new').length / granted.length).toBeCloseTo(0.2, 1);
});

test('the last one to cancel leaves no timer behind', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1);
  const timers = [1, 2, 3].map(() => rate.request(() => {}));
  clock.advance(0);
  expect(clock.pending).toBe(1);
  timers[0]?.cancel(); // granted already
  timers[1]?.cancel();
  timers[1]?.cancel();
  expect(clock.pending).toBe(1);
  timers[2]?.cancel();
  expect(clock.pending).toBe(0);
});

test('a queue that never empties does not grow with what it served', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 10_000);
  let granted = 0;
  const again = (): void => {
    granted++;
    rate.request(again);
  };
  for (let n = 0; n < 3000; n++) rate.request(again);
  clock.advance(1000);
  const before = liveObjects();
  clock.advance(2000);
  expect(granted).toBeGreaterThan(29_000);
  // Served entries lie in the queue until half of it was served: some 3,000 of the 20,000.
  expect(liveObjects() - before).toBeLessThan(5000);
}, 60_000); // walks the heap, which all unit test files of a worker share

test('while it is paused nothing is granted, and then all in their order', () => {
  const clock = createFakeClock();
  const rate = new ConnectRate({ clock, ends: { isWaiting: false } }, 1000);
  const granted: number[] = [];
  rate.request(() => granted.push(0));
  rate.pause(true);
  rate.request(() => granted.push(1));
  rate.requestFirst(() => granted.push(2));
  clock.advance(60_000);
  expect(granted).toEqual([]);
  expect(clock.pending).toBe(0);
  rate.request(() => granted.push(3)).cancel();
  rate.pause(false);
  clock.advance(20);
  expect(granted).toEqual([2, 0, 1]);
});
