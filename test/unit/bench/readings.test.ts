import { expect, test } from 'vitest';
import { figureOf, ratioOf, type Reading } from '../../bench/results/readings.ts';

const cell = { setting: 'plain', peers: 1000, holder: 'finrst', row: 'idle_cpu' } as const;
const reading = (run: string, holder: string, value: number, more: Partial<Reading> = {}): Reading => ({
  ...cell,
  run,
  holder,
  value,
  ...more,
});

test('a ratio is the median of the ratios of each run, not the ratio of the medians', () => {
  const readings = [
    reading('a', 'finrst', 10),
    reading('a', 'go', 1),
    reading('b', 'finrst', 2),
    reading('b', 'go', 2),
    reading('c', 'finrst', 6),
    reading('c', 'go', 3),
  ];
  // The medians alone would say 6 / 2.
  expect(ratioOf(readings, cell, 'go')).toBe(2);
});

test('a run that lacks one of the two takes no part', () => {
  const readings = [
    reading('a', 'finrst', 4),
    reading('a', 'go', 2),
    reading('b', 'finrst', 100),
    reading('c', 'go', 1),
  ];
  expect(ratioOf(readings, cell, 'go')).toBe(2);
});

test('what was not measured together has no ratio', () => {
  expect(ratioOf([reading('a', 'finrst', 4), reading('b', 'go', 2)], cell, 'go')).toBeNull();
});

test('a figure is of one setting, one number of peers, one holder and one row', () => {
  const readings = [
    reading('a', 'finrst', 1),
    reading('b', 'finrst', 5),
    reading('a', 'finrst', 100, { setting: 'tls' }),
    reading('a', 'finrst', 100, { peers: 5000 }),
    reading('a', 'finrst', 100, { row: 'rss' }),
    reading('a', 'go', 100),
  ];
  expect(figureOf(readings, cell)).toEqual({ median: 3, min: 1, max: 5, count: 2 });
  expect(figureOf(readings, { ...cell, holder: 'floor' })).toBeNull();
});
