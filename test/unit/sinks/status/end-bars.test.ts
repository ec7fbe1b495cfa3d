import { expect, test } from 'vitest';
import { EndBars } from '../../../../src/sinks/status/end-bars.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const AT = 1_800_000_000_000;

test('counts by class in steps from the first end on', () => {
  const bars = new EndBars();
  bars.add(AT, 'error');
  bars.add(AT + 19, 'error');
  bars.add(AT + 45, 'eof');
  expect(bars.read()).toEqual({
    from: AT,
    stepMs: 20,
    bars: [
      { eof: 0, error: 2, idle_timeout: 0 },
      { eof: 0, error: 0, idle_timeout: 0 },
      { eof: 1, error: 0, idle_timeout: 0 },
    ],
  });
});

test('takes an end that is older than the first', () => {
  const bars = new EndBars();
  bars.add(AT, 'error');
  bars.add(AT - 30, 'idle_timeout');
  expect(bars.read()).toEqual({
    from: AT - 40,
    stepMs: 20,
    bars: [
      { eof: 0, error: 0, idle_timeout: 1 },
      { eof: 0, error: 0, idle_timeout: 0 },
      { eof: 0, error: 1, idle_timeout: 0 },
    ],
  });
});

test('any number of ends in any order is counted where it happened, in 24 to 48 steps', () => {
  const random = seededRandom(7);
  const bars = new EndBars();
  const times = Array.from({ length: 15_000 }, () => AT + Math.floor(random() * 90_000));
  for (const at of times) bars.add(at, 'error');
  const { from, stepMs, bars: counts } = bars.read();
  expect(counts.length).toBeGreaterThanOrEqual(24);
  expect(counts.length).toBeLessThanOrEqual(48);
  const expected = counts.map((_, index) => times.filter((at) => Math.floor((at - from) / stepMs) === index).length);
  expect(counts.map(({ error }) => error)).toEqual(expected);
  expect(expected.reduce((sum, count) => sum + count, 0)).toBe(15_000);
});

test('two ends far apart take as few steps as any', () => {
  const bars = new EndBars();
  bars.add(AT, 'error');
  bars.add(AT + 900_000, 'error');
  bars.add(AT - 900_000, 'error');
  const { bars: counts } = bars.read();
  expect(counts.length).toBeLessThanOrEqual(48);
  expect(counts.filter(({ error }) => error === 1)).toHaveLength(3);
});
