import { expect, test } from 'vitest';
import { AGE_JITTER } from '../../../../src/connections/hold/connection-deadlines.ts';
import { beatWithin, deadlinesWithin, limitsOf } from '../../../../src/connections/hold/session-limits.ts';
import { peerSettings } from '../../../support/peer-settings.ts';
import { sendExpectHeartbeat } from '../../../support/send-expect-heartbeat.ts';

const NONE = { beatWithinMs: null, leaveWithinMs: null };
const heartbeat = sendExpectHeartbeat({ send: Buffer.from('x'), intervalMs: 10_000, answer: null });

test('a peer that named no limit changes nothing, and costs no copy', () => {
  const settings = peerSettings(1);
  expect(beatWithin(heartbeat, NONE)).toBe(heartbeat);
  expect(beatWithin(heartbeat, { ...NONE, beatWithinMs: 10_000 })).toBe(heartbeat);
  expect(deadlinesWithin(settings, NONE)).toBe(settings);
  expect(limitsOf(null)).toBe(limitsOf(null));
});

test('a shorter limit of the peer is the interval', () => {
  expect(beatWithin(heartbeat, { ...NONE, beatWithinMs: 3000 })?.intervalMs).toBe(3000);
  expect(beatWithin(null, { ...NONE, beatWithinMs: 3000 })).toBeNull();
});

test('an age of the peer comes before ours, whatever the jitter', () => {
  const leaveAt = (ours: number) =>
    deadlinesWithin(peerSettings(1, { maxConnectionAgeMs: ours }), { ...NONE, leaveWithinMs: 11_000 });
  expect(leaveAt(0).maxConnectionAgeMs).toBeCloseTo(11_000 / (1 + AGE_JITTER));
  expect(leaveAt(60_000).maxConnectionAgeMs).toBeCloseTo(11_000 / (1 + AGE_JITTER));
  expect(leaveAt(5000).maxConnectionAgeMs).toBe(5000);
});
