import { describe, expect, test } from 'vitest';
import { GUARD_RATIOS, guardRatios, judgeGuard, worstOf } from '../../bench/results/guard-ratios.ts';
import type { Reading } from '../../bench/results/readings.ts';
import { ROWS, type RowName } from '../../bench/results/rows.ts';
import recorded from '../../bench/guard-recorded.json' with { type: 'json' };

const RATIO = { what: 'memory', ours: 'memory_stormed', theirs: 'memory_idle' } as const;
const reading = (run: string, holder: string, row: RowName, value: number): Reading => ({
  run,
  setting: 'plain',
  peers: 3000,
  holder,
  row,
  value,
});
const run = (name: string, ours: number, theirs: number): readonly Reading[] => [
  reading(name, 'finrst', 'memory_stormed', ours),
  reading(name, 'finrst', 'memory_idle', 77),
  reading(name, 'bare', 'memory_stormed', 99),
  reading(name, 'bare', 'memory_idle', theirs),
];

describe('the ratios', () => {
  test('are medians over the runs, so one bad run of three changes nothing', () => {
    const readings = [...run('0', 20, 10), ...run('1', 900, 10), ...run('2', 21, 10)];
    expect(guardRatios(readings, [RATIO])).toEqual({ memory: 2.1 });
  });

  test('are of Finrst over the baseline of the same run', () => {
    expect(guardRatios([...run('0', 20, 10), ...run('1', 60, 20), ...run('2', 40, 40)], [RATIO])).toEqual({
      memory: 2,
    });
  });

  test('a figure that is missing is an error', () => {
    const readings = run('0', 20, 10).filter(({ holder, row }) => holder !== 'bare' || row !== 'memory_idle');
    expect(() => guardRatios(readings, [RATIO])).toThrow('memory_idle of bare was not measured');
  });
});

test('of several runs the worst of each ratio is recorded', () => {
  const runs = [
    { memory: 1.2, cpu: 0.5 },
    { memory: 1.1, cpu: 0.123_46 },
    { memory: 2.000_04, cpu: 0.1 },
  ];
  expect(worstOf(runs)).toEqual({ memory: 2, cpu: 0.5 });
});

describe('the verdict', () => {
  test.each([
    { ratio: 1.0, isWorse: false },
    { ratio: 1.29, isWorse: false },
    { ratio: 1.31, isWorse: true },
    { ratio: 9, isWorse: true },
    { ratio: 0.2, isWorse: false },
    { ratio: NaN, isWorse: true },
  ])('a ratio of $ratio where 1.0 was recorded', ({ ratio, isWorse }) => {
    expect(judgeGuard({ memory: ratio }, { memory: 1 })).toEqual([{ what: 'memory', ratio, recorded: 1, isWorse }]);
  });

  test('what was never recorded fails', () => {
    expect(judgeGuard({ memory: 1 }, {})).toMatchObject([{ isWorse: true }]);
  });
});

test('every ratio is recorded, and none is of a delay', () => {
  expect(Object.keys(recorded.ratios)).toEqual(GUARD_RATIOS.map(({ what }) => what));
  for (const { ours, theirs } of GUARD_RATIOS) {
    for (const row of [ours, theirs]) expect(ROWS[row].title).toMatch(/CPU|memory|RSS/);
  }
});
