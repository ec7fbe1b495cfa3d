import { describe, expect, test } from 'vitest';
import { BARS, judge } from '../../bench/results/bars.ts';
import type { Reading } from '../../bench/results/readings.ts';
import { checkReference, formatReference } from '../../bench/results/reference.ts';
import type { RowName } from '../../bench/results/rows.ts';

type Given = {
  readonly holder: string;
  readonly row: RowName;
  readonly values: readonly number[];
  readonly setting?: string;
};

const readings = ({ holder, row, values, setting = 'plain' }: Given): readonly Reading[] =>
  values.map((value, i) => ({ run: String(i), setting, peers: 15_000, holder, row, value }));

describe('a bar', () => {
  const memory = { row: 'memory_idle', peers: 15_000, atMost: 0.5, timesThatOf: 'go' } as const;

  test.each([
    { ours: [9, 10, 30], verdict: 'met' },
    { ours: [9, 11, 12], verdict: 'missed' },
  ])('that is a ratio, with $ours against 20', ({ ours, verdict }) => {
    const all = [
      ...readings({ holder: 'finrst', row: 'memory_idle', values: ours }),
      ...readings({ holder: 'go', row: 'memory_idle', values: [20, 20, 20] }),
    ];
    expect(judge(all, [memory])).toMatchObject([{ verdict }]);
  });

  test('without its baseline is not judged', () => {
    const all = readings({ holder: 'finrst', row: 'memory_idle', values: [1] });
    expect(judge(all, [memory])).toMatchObject([{ verdict: 'missing' }]);
  });

  test('that is a figure is judged by the median', () => {
    const all = readings({ holder: 'finrst', row: 'storm_turn', values: [20, 45, 300] });
    expect(judge(all, [{ row: 'storm_turn', peers: 15_000, atMost: 50 }])).toMatchObject([{ verdict: 'met' }]);
  });

  test('above another setting is judged by the difference, and not without that', () => {
    const bar = {
      row: 'memory_scraped',
      peers: 15_000,
      atMost: 1.5,
      setting: 'protocol: redis',
      above: 'beside',
    } as const;
    const own = readings({ holder: 'finrst', row: 'memory_scraped', values: [11], setting: bar.setting });
    const beside = (value: number) =>
      readings({ holder: 'finrst', row: 'memory_scraped', values: [value], setting: 'beside' });
    expect(judge([...own, ...beside(9.6)], [bar])).toMatchObject([{ verdict: 'met', measured: '1.4 KiB' }]);
    expect(judge([...own, ...beside(9.4)], [bar])).toMatchObject([{ verdict: 'missed', measured: '1.6 KiB' }]);
    expect(judge(own, [bar])).toMatchObject([{ verdict: 'missing' }]);
  });

  test('of 0 is judged by the worst pass', () => {
    const all = readings({ holder: 'finrst', row: 'storm_wrong', values: [0, 0, 1] });
    expect(judge(all, [{ row: 'storm_wrong', peers: 15_000, atMost: 0 }])).toMatchObject([{ verdict: 'missed' }]);
  });
});

describe('false ends', () => {
  const verdictOf = (setting: string, ends: number, warned: number) =>
    judge(
      [
        ...readings({ holder: 'finrst', row: 'false_ends', values: [ends], setting }),
        ...readings({ holder: 'finrst', row: 'false_warned', values: [warned], setting }),
      ],
      BARS.filter((bar) => bar.setting === setting),
    ).map(({ verdict }) => verdict);

  test('a warning excuses them at the tightest setting alone', () => {
    expect(verdictOf('veth, 20s/2s/2', 3, 1)).toEqual(['met']);
    expect(verdictOf('veth, 20s/2s/2', 3, 0)).toEqual(['missed']);
    expect(verdictOf('veth, 20s/2s/2', 0, 0)).toEqual(['met']);
    expect(verdictOf('veth, default', 3, 1)).toEqual(['missed']);
    expect(verdictOf('loopback, 30s/10s/3', 1, 1)).toEqual(['missed']);
  });
});

describe('the Go program against its reference', () => {
  test.each([
    { measured: 22.4, isWithin: true },
    { measured: 27.9, isWithin: true },
    { measured: 28.1, isWithin: false },
    { measured: 16.9, isWithin: true },
    { measured: 16.7, isWithin: false },
  ])('$measured KiB of 22.4 are within a quarter: $isWithin', ({ measured, isWithin }) => {
    const checks = checkReference(readings({ holder: 'go', row: 'memory_idle', values: [measured] }));
    expect(checks).toMatchObject([{ row: 'memory_idle', isWithin }]);
    expect(formatReference(checks)).toContain(isWithin ? 'its ratios hold' : 'are void');
  });

  test('what was not measured is not checked', () => {
    expect(checkReference([])).toEqual([]);
    expect(formatReference([])).toBe('');
  });
});
