import { describe, expect, test } from 'vitest';
import { matchStamps, parseStamps } from '../../bench/results/stamps.ts';

test('nanoseconds become milliseconds with their fractions', () => {
  expect(parseStamps('2 65537:1500000:fin 70000:2000250:reset')).toEqual([
    { key: 65_537, ms: 1.5, word: 'fin' },
    { key: 70_000, ms: 2.000_25, word: 'reset' },
  ]);
});

test('no stamps', () => {
  expect(parseStamps('0')).toEqual([]);
});

test('an answer that was cut off is an error', () => {
  expect(() => parseStamps('2 65537:1500000:fin')).toThrow('2 stamps announced, 1 came');
});

describe('what a server did and what a holder counted', () => {
  const made = [
    { key: 1, ms: 10, word: 'fin' },
    { key: 2, ms: 20, word: 'reset' },
  ];

  test('everything counted once, under its reason', () => {
    const counted = [
      { key: 2, ms: 23, word: 'reset' },
      { key: 1, ms: 11, word: 'fin' },
    ];
    expect(matchStamps(made, counted)).toEqual({ delaysMs: [1, 3], misnamed: 0, lost: 0, invented: 0 });
  });

  test('an end that was never counted has no delay', () => {
    expect(matchStamps(made, [{ key: 1, ms: 11, word: 'fin' }])).toMatchObject({ delaysMs: [1], lost: 1 });
  });

  test('an end under another reason is misnamed', () => {
    const counted = [
      { key: 1, ms: 11, word: 'reset' },
      { key: 2, ms: 21, word: 'reset' },
    ];
    expect(matchStamps(made, counted)).toMatchObject({ misnamed: 1, lost: 0 });
  });

  test('an end that is counted twice, or that nobody made, is invented', () => {
    const counted = [
      { key: 1, ms: 11, word: 'fin' },
      { key: 1, ms: 12, word: 'fin' },
      { key: 2, ms: 21, word: 'reset' },
      { key: 3, ms: 22, word: 'fin' },
    ];
    expect(matchStamps(made, counted)).toMatchObject({ invented: 2, lost: 0 });
  });

  test('a key that is used again is joined in the order of time', () => {
    const twice = [
      { key: 1, ms: 10, word: 'fin' },
      { key: 1, ms: 50, word: 'reset' },
    ];
    const counted = [
      { key: 1, ms: 12, word: 'fin' },
      { key: 1, ms: 55, word: 'reset' },
    ];
    expect(matchStamps(twice, counted)).toEqual({ delaysMs: [2, 5], misnamed: 0, lost: 0, invented: 0 });
  });
});
