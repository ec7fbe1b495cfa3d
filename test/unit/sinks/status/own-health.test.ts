import { expect, test } from 'vitest';
import { OwnHealth } from '../../../../src/sinks/status/own-health.ts';
import { publishTo } from '../../../support/publish-to.ts';

const HOUR = 3_600_000;
const now = 1_800_000_000_000;
const spans = { exported: 5, failed: 1, dropped: 2, suppressed: 3 };

function health() {
  const own = new OwnHealth({
    startedAt: now,
    kernelEvidence: true,
    configSha256: 'aaaa',
    spans: () => spans,
    dropsSince: (at) => (at === now - HOUR ? 7 : 0),
  });
  return { own, publish: publishTo(own.sink) };
}

test('has the longest stall of the last hour, and what others count', () => {
  const { own, publish } = health();
  publish({ type: 'loopStalled', at: now - 2 * HOUR, durationMs: 900 });
  publish({ type: 'loopStalled', at: now - HOUR / 2, durationMs: 40 });
  publish({ type: 'loopStalled', at: now - HOUR / 2, durationMs: 30 });
  publish({ type: 'loopStalled', at: now + 5, durationMs: 12 });
  expect(own.read(now)).toMatchObject({ stallMs: 40, kernelEvidence: true, hostDrops: 7, spans });
  expect(own.read(now + HOUR).stallMs).toBe(12);
  expect(own.read(now + 2 * HOUR).stallMs).toBe(0);
});

test('keeps no more than the stalls of an hour', () => {
  const { own, publish } = health();
  publish({ type: 'loopStalled', at: now, durationMs: 900 });
  for (let hours = 1; hours < 100; hours++) {
    publish({ type: 'loopStalled', at: now + hours * HOUR, durationMs: 1 });
  }
  expect(own.read(now).stallMs).toBe(1);
});

test('knows the configuration in force, and that a newer one was refused', () => {
  const { own, publish } = health();
  expect(own.read(now)).toMatchObject({ configSha256: 'aaaa', configLoadedAt: now, isConfigRefused: false });
  publish({ type: 'reloadFailed', at: now + 1, problems: ['a'] });
  expect(own.read(now)).toMatchObject({ configSha256: 'aaaa', isConfigRefused: true });
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  publish({ type: 'reloadSucceeded', at: now + 2, ...counts, configSha256: 'bbbb' });
  expect(own.read(now)).toMatchObject({ configSha256: 'bbbb', configLoadedAt: now + 2, isConfigRefused: false });
});
