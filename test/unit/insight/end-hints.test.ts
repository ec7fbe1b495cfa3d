import { describe, expect, test } from 'vitest';
import type { Disconnected } from '../../../src/domain/events/connection-events.ts';
import type { FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import { EndHints } from '../../../src/insight/end-hints.ts';
import { connectedEvent, disconnectedEvent, localClosedEvent, silences } from '../../support/sample-finrst-events.ts';

const { peer } = connectedEvent;
const tcp = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 60_000,
} as const;
const added = (group: string): FinrstEvent => ({
  type: 'groupAdded',
  at: 0,
  group,
  tls: false,
  expectsAnswer: false,
  canAnnounce: false,
});
const LENGTHS = { durationMs: 60_000, quietMs: 60_000, payloadQuietMs: 60_000 };
const fin = (at: number, more: Partial<Disconnected> = {}) =>
  ({ ...disconnectedEvent, class: 'eof', reason: 'fin', at, tcp, ...LENGTHS, ...more }) as Disconnected;
const MINUTE_MS = 60_000;

function hinting(droppedSince: (at: number) => number = () => 0) {
  const hints = new EndHints(droppedSince);
  hints.complete(added(peer.group));
  const hintOf = (event: FinrstEvent) => {
    const completed = hints.complete(event);
    return completed.type === 'disconnected' ? completed.hint : undefined;
  };
  const after = (events: readonly FinrstEvent[]) => events.map((event) => hintOf(event)?.name ?? null);
  return { hints, hintOf, after };
}

test('the fifth end that agrees has the hint, with what it rests on; those before have none', () => {
  const { after, hintOf } = hinting();
  expect(after([1, 2, 3, 4].map((count) => fin(count * MINUTE_MS)))).toEqual([null, null, null, null]);
  expect(hintOf(fin(5 * MINUTE_MS))).toMatchObject({ name: 'idle_limit', limit: { ends: 5, of: 5 } });
});

test('an event keeps what it says, and one that gets no hint is the same', () => {
  const { hints } = hinting();
  const dead = { ...disconnectedEvent, class: 'error', reason: 'keepalive_timeout', tcp } as Disconnected;
  expect(hints.complete(dead)).toEqual({ ...dead, hint: { name: 'path_dead' } });
  for (const event of [connectedEvent, localClosedEvent, disconnectedEvent]) expect(hints.complete(event)).toBe(event);
});

describe('a limit is refuted', () => {
  const ends = [1, 2, 3, 4, 5].map((count) => fin(count * MINUTE_MS));

  const lives = { ...silences, ageMs: 70_000, payloadMs: 70_000, packetsAtMostMs: 70_000 };
  const other = { ...peer, id: 7 };
  test.each<FinrstEvent>([
    { type: 'sampled', at: 0, peer: other, tcp, newRetransmits: 0, silences: lives },
    { type: 'stayedSilent', at: 0, peer: other, silences: lives },
  ])('by a connection that lives: $type', (event) => {
    const { after, hints } = hinting();
    after(ends.slice(0, 4));
    hints.complete(event);
    expect(after(ends.slice(4))).toEqual([null]);
  });

  test('by one that we closed', () => {
    const { after, hints } = hinting();
    after(ends.slice(0, 4));
    hints.complete({ ...localClosedEvent, durationMs: 70_000, quietMs: 70_000, payloadQuietMs: 70_000 });
    expect(after(ends.slice(4))).toEqual([null]);
  });
});

test('ends that have a cause of their own are none of a limit', () => {
  const { after } = hinting();
  const announced = [1, 2, 3, 4, 5].map((count) => fin(count * MINUTE_MS, { announced: 'terminating' }));
  expect(after(announced)).toEqual(announced.map(() => 'announced'));
  expect(after([6, 7, 8, 9].map((count) => fin(count * MINUTE_MS)))).toEqual([null, null, null, 'idle_limit']);
});

test('what this host dropped is asked for since the last packet of the peer came', () => {
  const asked: number[] = [];
  const { hintOf } = hinting((at) => {
    asked.push(at);
    return 4;
  });
  const dead = {
    ...disconnectedEvent,
    class: 'error',
    reason: 'keepalive_timeout',
    durationMs: 500_000,
    tcp,
  } as Disconnected;
  expect(hintOf(dead)).toEqual({ name: 'host_drops', dropped: 4 });
  expect(asked).toEqual([dead.at - 60_000]);
});

describe('groups', () => {
  const other = { ...peer, group: 'other' };
  const ends = [1, 2, 3, 4].map((count) => fin(count * MINUTE_MS));

  test('are judged each by itself, over all their peers', () => {
    const { after, hints } = hinting();
    hints.complete(added('other'));
    after(ends);
    expect(after([fin(5 * MINUTE_MS, { peer: other })])).toEqual([null]);
    expect(after([fin(6 * MINUTE_MS, { peer: { ...peer, id: 9 } })])).toEqual(['idle_limit']);
  });

  test('that are added again by a reload keep their ends; those that are removed are forgotten', () => {
    const { after, hints } = hinting();
    after(ends);
    hints.complete(added(peer.group));
    expect(after([fin(5 * MINUTE_MS)])).toEqual(['idle_limit']);
    hints.complete({ type: 'groupRemoved', at: 0, group: peer.group });
    expect(after([fin(6 * MINUTE_MS)])).toEqual([null]);
    hints.complete(added(peer.group));
    expect(after([fin(7 * MINUTE_MS)])).toEqual([null]);
  });
});
