import { expect, test } from 'vitest';
import type { ChangeKind, PeerHistory } from '../../../../src/sinks/status/peer-history.ts';
import { timelineOf } from '../../../../src/web/pages/peer-timeline.ts';

const HOUR = 3_600_000;
const now = 100 * HOUR;
const history = (
  since: number,
  ...changes: readonly (readonly [hoursAgo: number, kind: ChangeKind])[]
): PeerHistory => ({
  since,
  changes: changes.map(([hoursAgo, kind]) => ({ at: now - hoursAgo * HOUR, kind })),
  ends: [],
  attempts: [],
  survivedMs: 0,
});

test('begins when the peer became known, and is broken until it was connected', () => {
  const timeline = timelineOf(history(now - 10 * HOUR, [8, 'connected'], [4, 'error'], [2, 'connected']), now);
  expect(timeline).toMatchObject({ begins: 'known', from: now - 10 * HOUR, since: now - 10 * HOUR });
  const rounded = timeline.stretches.map(({ from, to, isUp }) => [from.toFixed(2), to.toFixed(2), isUp]);
  expect(rounded).toEqual([
    ['0.00', '0.20', false],
    ['0.20', '0.60', true],
    ['0.60', '0.80', false],
    ['0.80', '1.00', true],
  ]);
  expect(timeline.marks).toMatchObject([{ kind: 'error', x: 0.6 }]);
});

test('shows 24 hours, and knows the state at their begin', () => {
  const timeline = timelineOf(history(now - 90 * HOUR, [80, 'connected'], [30, 'eof'], [29, 'connected']), now);
  expect(timeline).toMatchObject({ begins: 'range', from: now - 24 * HOUR, marks: [] });
  expect(timeline.stretches).toEqual([{ from: 0, to: 1, isUp: true }]);
});

test('begins with the first change that is kept where older ones are forgotten', () => {
  const kinds = Array.from({ length: 32 }, (_, n): [number, ChangeKind] => [
    (32 - n) / 10,
    n % 2 === 0 ? 'error' : 'connected',
  ]);
  expect(timelineOf(history(now - 90 * HOUR, ...kinds), now)).toMatchObject({ begins: 'kept', from: now - 3.2 * HOUR });
});

test('numbers the ends that the table has', () => {
  const past = history(now - HOUR, [0.5, 'connected'], [0.25, 'error']);
  const end = { at: now - 0.25 * HOUR + 0.4 } as PeerHistory['ends'][number];
  expect(timelineOf({ ...past, ends: [end] }, now).marks).toMatchObject([{ number: 1 }]);
});

test('a young peer has a minute, of which only that is drawn that it is known', () => {
  expect(timelineOf(history(now - 15_000), now)).toMatchObject({
    from: now - 60_000,
    since: now - 15_000,
    stretches: [{ from: 0.75, to: 1, isUp: false }],
  });
});
