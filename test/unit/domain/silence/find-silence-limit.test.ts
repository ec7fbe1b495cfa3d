import { describe, expect, test } from 'vitest';
import { findSilenceLimit } from '../../../../src/domain/silence/find-silence-limit.ts';
import type { SilenceResult } from '../../../../src/domain/silence/silence-result.ts';

const STEPS = [60_000, 70_000, 80_000, 90_000];
const base = { answeredMs: null, isRepeated: false } as const;
const survived = (stepMs: number): SilenceResult => ({
  ...base,
  stepMs,
  silentMs: stepMs + 3,
  outcome: 'survived',
  asked: 'onTime',
  at: stepMs,
});
const died = (stepMs: number, of: Partial<SilenceResult> = {}): SilenceResult => ({
  ...survived(stepMs),
  outcome: 'reset',
  ...of,
});
const ended = (stepMs: number, silentMs: number, at: number): SilenceResult =>
  died(stepMs, { silentMs, at, outcome: 'fin', asked: 'unasked' });

describe('what results show', () => {
  test.each([
    { when: 'nothing yet', results: [], found: { kind: 'none', survivedMs: null } },
    { when: 'all survived', results: STEPS.map(survived), found: { kind: 'none', survivedMs: 90_000 } },
    {
      when: 'one death, no witness',
      results: [survived(60_000), died(70_000)],
      found: { kind: 'unconfirmed', survivedMs: 60_000, stepMs: 70_000 },
    },
    {
      when: 'a death and a witness that was asked early',
      results: [survived(60_000), died(70_000), died(90_000, { silentMs: 71_000, asked: 'early' })],
      found: { kind: 'limit', survivedMs: 60_000, fatalMs: 70_000, how: 'reset', endedAfterMs: null, deaths: 2 },
    },
    {
      when: 'a longer one lives',
      results: [died(70_000), died(80_000), survived(90_000)],
      found: { kind: 'contradicted', survivedMs: 90_000, diedMs: 70_003 },
    },
    {
      when: 'ended by themselves after equal silences',
      results: [survived(60_000), survived(70_000), ended(90_000, 75_001, 75_000), ended(80_000, 75_004, 75_500)],
      found: { kind: 'limit', survivedMs: 70_000, fatalMs: 80_000, how: 'fin', endedAfterMs: 75_001, deaths: 2 },
    },
    {
      when: 'ended by themselves at one moment',
      results: [survived(60_000), ended(90_000, 65_000, 65_000), ended(80_000, 64_500, 65_002)],
      found: { kind: 'together', survivedMs: 60_000, stepMs: 70_000, ends: 2, at: 65_000, withinMs: 2 },
    },
    {
      when: 'the step at the very limit won the race',
      results: [survived(70_000), ended(90_000, 69_990, 1), ended(80_000, 69_991, 501)],
      found: { kind: 'limit', survivedMs: 70_000, fatalMs: 70_000 },
    },
    {
      when: 'nothing was survived',
      results: [died(60_000), died(70_000)],
      found: { kind: 'limit', survivedMs: null, fatalMs: 60_000 },
    },
  ])('$when', ({ results, found }) => {
    expect(findSilenceLimit(results, STEPS)).toMatchObject(found);
    expect(findSilenceLimit(results.toReversed(), STEPS)).toMatchObject(found);
  });
});
