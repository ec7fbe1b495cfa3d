import { expect, test } from 'vitest';
import { configuredSilenceMs } from '../../../../src/domain/silence/configured-silence.ts';
import { advisedKeepaliveSeconds, ladderSteps, longestLadderMs } from '../../../../src/domain/silence/ladder-steps.ts';
import { sendExpectHeartbeat } from '../../../support/send-expect-heartbeat.ts';

const keepalive = (idleSeconds: number) => ({ idleSeconds, intervalSeconds: 10, count: 3 });
const heartbeat = (intervalMs: number) => sendExpectHeartbeat({ send: Buffer.from('x'), intervalMs, answer: null });

test.each([
  { settings: { keepalive: null, heartbeat: null }, is: Infinity },
  { settings: { keepalive: keepalive(10), heartbeat: null }, is: 10_260 },
  { settings: { keepalive: keepalive(60), heartbeat: null }, is: 62_000 },
  { settings: { keepalive: keepalive(350), heartbeat: null }, is: 366_000 },
  { settings: { keepalive: keepalive(60), heartbeat: heartbeat(10_000) }, is: 10_000 },
  { settings: { keepalive: null, heartbeat: heartbeat(10_000) }, is: 10_000 },
])('$settings allow a silence of $is ms', ({ settings, is }) => {
  expect(configuredSilenceMs(settings)).toBe(is);
});

test('the steps are the edges from 15 s up to the longest, and that itself', () => {
  expect(ladderSteps([1000, 15_000, 57_000, 63_000], 60_000)).toEqual([15_000, 57_000, 60_000]);
  expect(ladderSteps([15_000, 57_000], 57_000)).toEqual([15_000, 57_000]);
  expect(ladderSteps([15_000], 5000)).toEqual([5000]);
});

test('half of what was survived is advised, in whole seconds, at least one', () => {
  expect([335_000, 3000, 900].map(advisedKeepaliveSeconds)).toEqual([167, 1, 1]);
});

test('with three at a time a ladder takes about a third of the sum', () => {
  expect(longestLadderMs([60_000], Infinity)).toBe(140_000);
  expect(longestLadderMs([30_000, 30_000, 60_000, 60_000], 3)).toBe(220_000 / 3 + 140_000);
});
