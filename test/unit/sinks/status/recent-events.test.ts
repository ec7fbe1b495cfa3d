import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { EventQuery } from '../../../../src/sinks/status/event-query.ts';
import type { RecentConnectionEvent } from '../../../../src/sinks/status/recent-event.ts';
import { createRecentEvents } from '../../../../src/sinks/status/recent-events.ts';
import { EventNumbers } from '../../../../src/events/event-numbers.ts';
import { numbered } from '../../../support/numbered.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { connectedEvent, disconnectedEvent, localClosedEvent } from '../../../support/sample-finrst-events.ts';

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
