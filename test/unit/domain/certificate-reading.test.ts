import { describe, expect, test } from 'vitest';
import { readAgainAfter, readAgainAt } from '../../../src/domain/certificate-reading.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const readAt = Date.UTC(2026, 0, 1);

describe('the certificates of a held connection are read anew', () => {
  test.each([
    { when: 'little is left: within the second day', leftDays: 20, random: 0, inHours: 24 },
    { when: 'little is left, later in that day', leftDays: 20, random: 0.75, inHours: 42 },
    { when: 'they have ended already: a renewal is still to be seen', leftDays: -3, random: 0.5, inHours: 36 },
    { when: 'much is left: within a day from when 21 days are left', leftDays: 80, random: 0.5, inHours: 59 * 24 + 12 },
  ])('$when', ({ leftDays, random, inHours }) => {
    expect(readAgainAt({ expiresAt: readAt + leftDays * DAY, readAt }, random) - readAt).toBe(inHours * HOUR);
  });

  test.each([
    { when: 'little is left: a day later, at the same hour', leftDays: 9, inHours: 24 },
    { when: 'just 21 days are left: within the second day', leftDays: 21, inHours: 36 },
    { when: 'they were renewed: when little is left again', leftDays: 89, inHours: 68 * 24 + 12 },
  ])('after a try, $when', ({ leftDays, inHours }) => {
    const triedAt = readAt + 5 * DAY;
    const reading = { expiresAt: triedAt + leftDays * DAY, readAt: triedAt };
    expect(readAgainAfter(reading, triedAt, 0.5) - triedAt).toBe(inHours * HOUR);
  });
});
