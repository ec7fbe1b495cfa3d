import { expect, test } from 'vitest';
import { createJsonLines } from '../../../src/terminal/json-lines.ts';
import { publishTo } from '../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../../support/sample-finrst-events.ts';

test('every step is one object with its type and time, and the end one summary per peer', () => {
  const lines: string[] = [];
  const { sink, summarize } = createJsonLines({
    write: (line) => lines.push(line),
    now: () => Date.UTC(2026, 0, 2),
  });
  const publish = publishTo(sink);
  for (const event of [connectFailedEvent, connectedEvent, disconnectedEvent, localClosedEvent]) publish(event);
  publish({ type: 'heartbeatAnswered', at: 0, peer: connectedEvent.peer, rttMs: 0.5 });
  publish({ type: 'started', at: 0, version: '1', nodeVersion: '24', peers: 1, kernelEvidence: true, listening: [] });
  summarize(200_000);
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map(({ type }) => type)).toEqual([
    'connect_failed',
    'connected',
    'disconnected',
    'local_closed',
    'heartbeat',
    'summary',
  ]);
  expect(objects[2]).toMatchObject({
    time: '2026-01-02T03:05:05.678Z',
    class: 'error',
    reason: 'reset',
    duration_s: 60.00025,
  });
  expect(objects[5]).toEqual({
    time: '2026-01-02T00:00:00.000Z',
    type: 'summary',
    peer: 'redis-0.payments:6379',
    group: 'payments-redis',
    watched_s: 200,
    up_s: 120.0005,
    connections: 1,
    connect_failures: 1,
    shortest_s: 60.00025,
    longest_s: 60.00025,
    'ended.error/reset': 1,
    'ended.local/max_age': 1,
    'failed.tcp/refused': 1,
  });
});

test('the summary holds the conclusion that people get, where there is one', () => {
  const lines: string[] = [];
  const { sink, summarize } = createJsonLines({
    write: (line) => lines.push(line),
    now: () => 0,
  });
  const publish = publishTo(sink);
  const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
  const ended = (lengthMs: number, count: number) => ({
    ...fin,
    at: disconnectedEvent.at + count * 30_000,
    durationMs: lengthMs,
    quietMs: lengthMs,
    payloadQuietMs: lengthMs,
  });
  for (const [count, lengthMs] of [20_400, 20_460, 20_440, 20_430].entries()) publish(ended(lengthMs, count));
  summarize(100_000);
  publish(ended(20_410, 4));
  summarize(100_000);
  const [before, after] = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === 'summary');
  expect(before).not.toHaveProperty('conclusion');
  expect(after?.['conclusion']).toMatch(/^each time after 20\.4 s to 20\.5 s of silence, its whole life: a timer/);
});
