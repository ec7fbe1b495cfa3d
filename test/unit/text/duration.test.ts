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
    '1s\n',
    '00',
    '1e3s',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
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
