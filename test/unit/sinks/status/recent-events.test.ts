import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { EventQuery } from '../../../../src/sinks/status/event-query.ts';
import type { RecentConnectionEvent } from '../../../../src/sinks/status/recent-event.ts';
import { createRecentEvents } from '../../../../src/sinks/status/recent-events.ts';
import { EventNumbers } from '../../../../src/events/event-numbers.ts';
import { numbered } from '../../../support/numbered.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  disconnectedEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../../support/sample-finrst-events.ts';

const after = (events: readonly FinrstEvent[], startedAt = 0) => {
  const numbers = new EventNumbers(startedAt);
  const recent = createRecentEvents({ lastId: numbers.last });
  const publish = numbered(publishTo(recent.sink), numbers);
  events.forEach(publish);
  return {
    publish,
    query: (query: EventQuery) => [...recent.query(query)].map((text) => JSON.parse(text) as RecentConnectionEvent),
    isGapAfter: (id: number) => recent.isGapAfter(id),
    texts: (query: EventQuery) => recent.query(query),
  };
};
const times = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);

test('the last thousand events are kept, the newest first, with ids that grow', () => {
  const found = after(times(2500, connectedEvent)).query({ limit: 1000 });
  expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, i) => String(2500 - i)));
});

test('a flood of orderly events does not push out an abnormal end', () => {
  const recent = after([connectedEvent, disconnectedEvent, ...times(5000, localClosedEvent)]);
  expect(recent.query({ class: 'error', limit: 10 })).toMatchObject([{ id: '2', reason: 'reset' }]);
  expect(recent.query({ limit: 1000 })).toHaveLength(1000);
});

test('an abnormal end that is also among the last thousand is told once', () => {
  const found = after([...times(3, disconnectedEvent), connectedEvent]).query({ limit: 1000 });
  expect(found.map(({ id }) => id)).toEqual(['4', '3', '2', '1']);
});

test('a flood of abnormal ends stays bounded, and the newest of them win', () => {
  const recent = after(times(5000, disconnectedEvent));
  const found = recent.query({ class: 'error', limit: 5000 });
  expect(found).toHaveLength(1000);
  expect(found[0]?.id).toBe('5000');
});

test('a write that did not drain says whose fault it is, and other ends have no detail', () => {
  const stalled = { ...disconnectedEvent, class: 'idle_timeout', reason: 'write_stalled', stalledBy: 'path' } as const;
  const [reset, path] = after([stalled, disconnectedEvent]).query({ limit: 2 });
  expect(path?.detail).toBe('the path does not carry what we send: it is not acknowledged');
  expect(reset).not.toHaveProperty('detail');
});

test('an event has the target labels of its peer, those that are not empty', () => {
  const labelled = { ...connectedEvent, peer: { ...connectedEvent.peer, labels: { team: '"\u2028', tier: '' } } };
  const [without, event] = after([labelled, disconnectedEvent]).query({ limit: 2 });
  expect(event).toMatchObject({ labels: { team: '"\u2028' } });
  expect(event?.labels).not.toHaveProperty('tier');
  expect(without).not.toHaveProperty('labels');
});

test('events that are no end and no attempt are not told', () => {
  const { at, peer } = connectedEvent;
  const silent: readonly FinrstEvent[] = [
    { type: 'traffic', at, peer, receivedBytes: 1, sentBytes: 1 },
    { type: 'stateEntered', at, peer, from: null, state: 'resolving' },
    { type: 'scraped', at, outcome: 'ok' },
  ];
  expect(after(silent).query({ limit: 10 })).toEqual([]);
});

test('a list that is read while events come holds each once, and leaves out what is forgotten meanwhile', () => {
  const recent = after(times(1000, connectedEvent));
  const ids: number[] = [];
  for (const text of recent.texts({ limit: 1000 })) {
    ids.push(Number((JSON.parse(text) as RecentConnectionEvent).id));
    recent.publish(connectedEvent);
  }
  expect(ids).toEqual(Array.from({ length: 500 }, (_, i) => 1000 - i));
});

test('ids grow over restarts', () => {
  const startedAt = Date.UTC(2026, 10, 26);
  expect(after([connectedEvent], startedAt).query({ limit: 1 })[0]?.id).toBe(String(startedAt * 4096 + 1));
  expect(Number.isSafeInteger((Date.UTC(2035, 0, 1) + 1) * 4096)).toBe(true);
});

test('what came after an event is found, of both rings', () => {
  const recent = after([disconnectedEvent, ...times(1500, connectedEvent)]);
  const ids = (sinceId: number, limit = 1000) => recent.query({ sinceId, limit }).map(({ id }) => Number(id));
  expect(ids(1499)).toEqual([1501, 1500]);
  expect(ids(1501)).toEqual([]);
  expect(ids(0, 1001).at(-1)).toBe(1);
  expect(ids(1, 1001).at(-1)).toBe(502);
});

test('where some of what came after an event are forgotten it is known, and of an event of another run', () => {
  const recent = after(times(1500, connectedEvent), 1);
  const isGapAfter = (count: number) => recent.isGapAfter(4096 + count);
  expect([0, 499, 500, 501, 1500, 1501].map(isGapAfter)).toEqual([true, true, false, false, false, true]);
  expect(after([], 1).isGapAfter(4096)).toBe(false);
  expect(after([], 1).isGapAfter(4095)).toBe(true);
});

test('connections of applications push out nothing of ours, and none of their own errors', () => {
  const recent = after([
    disconnectedEvent,
    observedErrorEvent,
    ...times(3000, observedConnectedEvent),
    ...times(3000, observedFinEvent),
    connectedEvent,
  ]);
  const found = recent.query({ limit: 1000 });
  expect(found.map(({ id, type }) => [id, type])).toEqual([
    ['6003', 'connected'],
    ['2', 'observed_ended'],
    ['1', 'disconnected'],
  ]);
  expect(recent.isGapAfter(1)).toBe(false);
});

test('what applications do in order comes only where its type is asked for', () => {
  const recent = after([connectedEvent, observedConnectedEvent, observedFinEvent, observedErrorEvent]);
  const ids = (query: Partial<EventQuery>) => recent.query({ limit: 10, ...query }).map(({ id }) => Number(id));
  expect(ids({})).toEqual([4, 1]);
  expect(ids({ class: 'eof' })).toEqual([]);
  expect(ids({ type: 'observed_ended' })).toEqual([4, 3]);
  expect(ids({ type: 'observed_ended', class: 'error' })).toEqual([4]);
  expect(ids({ type: 'observed_connected' })).toEqual([2]);
  expect(ids({ type: 'connected' })).toEqual([1]);
  expect(ids({ type: 'observed_ended', group: 'other' })).toEqual([]);
});

test('an observed end names both ends, its process and whether it is held on', () => {
  const found = after([{ ...observedConnectedEvent, isFound: true }, observedFinEvent, observedErrorEvent]);
  const [error] = found.query({ limit: 1 });
  const owner = { pid: 4711, executable: 'java' };
  const ends = { address: '10.244.3.17:6379', local: '10.244.1.5:48214' };
  expect(error).toEqual({
    id: '3',
    time: '2026-01-02T03:04:05.678Z',
    type: 'observed_ended',
    group: 'payments-redis',
    peer: 'redis-0.payments:6379',
    connection_id: 'observed-7',
    ...ends,
    ...owner,
    class: 'error',
    reason: 'reset',
    errno: 'ECONNRESET',
    duration_s: 60.00025,
  });
  const [fin] = found.query({ limit: 2, type: 'observed_ended', sinceId: 1 }).slice(1);
  expect(fin).toMatchObject({ class: 'eof', reason: 'fin', close_wait: true });
  const [connected] = found.query({ limit: 1, type: 'observed_connected' });
  expect(connected).toMatchObject({ ...ends, ...owner, found: true });
  expect(connected).not.toHaveProperty('close_wait');
});
