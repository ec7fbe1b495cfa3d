import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/text/duration.ts';

describe('a duration is read as Prometheus reads it', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000 + 4 * 3_600_000 + 5 * 60_000 + 6007],
    ['90m', 5_400_000],
    ['007s', 7000],
    ['12y', 12 * 31_536_000_000],
    ['12w', 12 * 604_800_000],
    ['12d12h', 12 * 90_000_000],
    ['9223372036854ms', 9_223_372_036_854],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    '',
    ' ',
    '5',
    '1.5h',
    '-1s',
    '+1s',
    '1s1m',
    '1m1m',
    '1us',
    '1h 30m',
    '1H',
    's',
    '300y',
    '9223372036855ms',
    '1s\n',
    '00',
    '1e3s',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('a duration is written as short as Prometheus writes it', () => {
  const DAY = 86_400_000;
  test.each([
    [0, '0s'],
    [1, '1ms'],
    [90_000, '1m30s'],
    [5_400_000, '1h30m'],
    [3_600_001, '1h1ms'],
    [DAY, '1d'],
    [7 * DAY, '1w'],
    [8 * DAY, '8d'],
    [28 * DAY, '4w'],
    [365 * DAY, '1y'],
    [366 * DAY, '366d'],
    [371 * DAY, '53w'],
    [730 * DAY, '2y'],
    [14 * DAY + 1000, '14d1s'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

test('every whole number of milliseconds survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});

test('any text gives a whole number of milliseconds or null', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,15}(ms|[ywdhms]))*$/));
  fc.assert(
    fc.property(text, (written) => {
      const milliseconds = parseDuration(written);
      expect(milliseconds === null || (Number.isSafeInteger(milliseconds) && milliseconds >= 0)).toBe(true);
    }),
  );
});
