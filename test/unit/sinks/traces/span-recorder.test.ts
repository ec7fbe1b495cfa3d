import { describe, expect, test } from 'vitest';

import type { ConnectionOutcome } from '../../../../src/domain/events/connection-events.ts';
import { SpanCounter } from '../../../../src/sinks/traces/span-counter.ts';
import { SpanRecorder } from '../../../../src/sinks/traces/span-recorder.ts';
import type { SpanRateLimit } from '../../../../src/sinks/traces/span-rate-limit.ts';
import type { SpanAddress, TraceShape } from '../../../../src/sinks/traces/trace-shape.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  incidentEvent,
  localClosedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../../support/sample-finrst-events.ts';

type Emitted = { readonly shape: TraceShape; readonly link: string | null; readonly spanId: string };

/** A recorder whose spans are numbered 1, 2, 3, ... and kept. */
function recording(isAllowed: SpanRateLimit = () => true, isObservedAllowed: SpanRateLimit = () => true) {
  const counter = new SpanCounter();
  const emitted: Emitted[] = [];
  const emit = (shape: TraceShape, [link]: readonly SpanAddress[]): SpanAddress => {
    const spanId = String(emitted.length + 1);
    emitted.push({ shape, link: link?.spanId ?? null, spanId });
    return { traceId: `trace-${spanId}`, spanId };
  };
  const recorder = new SpanRecorder({ counter, isAllowed, isObservedAllowed, emit });
  const record = (ratio: number, ...events: readonly ConnectionOutcome[]) =>
    events.map((event) => recorder.record(event, ratio));
  return { recorder, record, counter, emitted, links: () => emitted.map(({ link }) => link) };
}

const failure = (failuresInARow: number) => ({ ...connectFailedEvent, failuresInARow });
const cleanEnd = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;

describe('sampling is by outcome: with a ratio of 0', () => {
  test.each<{ what: string; events: readonly ConnectionOutcome[]; recorded: readonly boolean[] }>([
    {
      what: 'a first connect and a clean end are left out',
      events: [connectedEvent, cleanEnd],
      recorded: [false, false],
    },
    { what: 'a local close is left out', events: [connectedEvent, localClosedEvent], recorded: [false, false] },
    { what: 'an abnormal end is kept', events: [connectedEvent, disconnectedEvent], recorded: [false, true] },
    { what: 'a failed connect is kept', events: [connectFailedEvent], recorded: [true] },
    {
      what: 'the recovery after an abnormal end is kept',
      events: [disconnectedEvent, connectedEvent, cleanEnd, connectedEvent],
      recorded: [true, true, false, false],
    },
    {
      what: 'the recovery after failures is kept',
      events: [failure(1), { ...connectedEvent, failuresBefore: 1 }],
      recorded: [true, true],
    },
    {
      what: 'a recovery is kept although its failures were before tracing was turned on',
      events: [{ ...connectedEvent, failuresBefore: 3 }],
      recorded: [true],
    },
    {
      what: 'a timeout of ours is kept',
      events: [{ ...disconnectedEvent, class: 'idle_timeout', reason: 'no_reply' }],
      recorded: [true],
    },
  ])('$what', ({ events, recorded }) => {
    const { record, counter } = recording();
    expect(record(0, ...events).map((address) => address !== null)).toEqual(recorded);
    expect(counter.counts.suppressed).toBe(0);
  });
});

test('a connect and the clean end of its connection are kept or left out together', () => {
  const { record } = recording();
  let kept = 0;
  for (let count = 0; count < 1000; count += 1) {
    const connectionId = `erfqbt-${count}`;
    const [connect, end] = record(0.3, { ...connectedEvent, connectionId }, { ...cleanEnd, connectionId });
    expect(connect === null).toBe(end === null);
    if (connect !== null) kept += 1;
  }
  expect(kept).toBeGreaterThan(250);
  expect(kept).toBeLessThan(350);
});

test('failures in a row are thinned to the 1st, 2nd, 4th, 8th, and the others counted as suppressed', () => {
  const { record, counter, emitted } = recording();
  const recorded = record(1, ...Array.from({ length: 8 }, (_, index) => failure(index + 1)));
  expect(recorded.map((address) => address !== null)).toEqual([true, true, false, true, false, false, false, true]);
  const spansEach = 1 + (emitted[0]?.shape.children.length ?? 0);
  expect(spansEach).toBe(3);
  expect(counter.made).toBe(8 * spansEach);
  expect(counter.counts).toMatchObject({ suppressed: 4 * spansEach });
});

describe('links', () => {
  test('go from each span to the one before it in the life of the peer', () => {
    const { record, links } = recording();
    record(
      1,
      connectedEvent,
      disconnectedEvent,
      failure(1),
      failure(2),
      { ...connectedEvent, failuresBefore: 2 },
      cleanEnd,
    );
    expect(links()).toEqual([null, '1', '2', '3', '4', '5']);
  });

  test('pass over failures that were thinned', () => {
    const { record, links } = recording();
    record(1, failure(1), failure(2), failure(3), { ...connectedEvent, failuresBefore: 3 });
    expect(links()).toEqual([null, '1', '2']);
  });

  test('pass over a failure that a storm left no room for', () => {
    let admit = true;
    const { record, links } = recording(() => admit);
    record(1, disconnectedEvent);
    admit = false;
    record(1, failure(1));
    admit = true;
    record(1, failure(2));
    expect(links()).toEqual([null, '1']);
  });

  test('never name a connect as the one of another connection', () => {
    let admit = true;
    const { record, links } = recording(() => admit);
    record(1, connectedEvent, cleanEnd);
    admit = false;
    record(1, connectedEvent);
    admit = true;
    record(1, disconnectedEvent, connectedEvent);
    expect(links()).toEqual([null, '1', null, '3']);
  });

  test('do not cross peers, and end with a peer that is removed', () => {
    const { record, recorder, links } = recording();
    const other = { ...connectedEvent.peer, id: 2 };
    record(1, connectedEvent, { ...connectedEvent, peer: other }, { ...cleanEnd, peer: other });
    recorder.forget(connectedEvent.peer.id);
    record(1, cleanEnd);
    expect(links()).toEqual([null, null, '2', null]);
  });
});

test('the rate limit suppresses whole traces and counts every span of them', () => {
  const asked: [number, boolean][] = [];
  const { record, counter, emitted } = recording((spans, important) => {
    asked.push([spans, important]);
    return false;
  });
  record(1, connectedEvent, disconnectedEvent, cleanEnd, connectFailedEvent);
  expect(asked).toEqual([
    [4, false],
    [1, true],
    [1, false],
    [3, true],
  ]);
  expect(emitted).toEqual([]);
  expect(counter.made).toBe(9);
  expect(counter.counts).toEqual({ exported: 0, failed: 0, dropped: 0, suppressed: 9 });
});

test('a connection that an earlier run left without an end links to its connect and is an error', () => {
  const { recorder, emitted, links } = recording();
  const { group, peer } = connectedEvent.peer;
  const { remote, local, at } = connectedEvent;
  recorder.recordLost({
    group,
    peer,
    remote,
    local,
    labels: { team: 'payments', severity: '' },
    connectionId: 'old',
    establishedAt: at,
    lastSeenAt: at + 5000,
    reason: 'process_died',
    connect: { traceId: 't', spanId: 's' },
  });
  expect(links()).toEqual(['s']);
  expect(emitted[0]?.shape.root).toMatchObject({
    name: 'connection',
    startMs: at,
    endMs: at + 5000,
    attributes: {
      'server.address': 'redis-0.payments',
      'server.port': 6379,
      'finrst.label.team': 'payments',
      'finrst.class': 'local',
      'finrst.reason': 'process_died',
      'finrst.connection.duration_s': 5,
    },
    error: expect.stringContaining('the process died'),
  });
});

test('an incident that is over is one span, linked to the spans of its ends; while it runs there is none', () => {
  const { recorder, emitted, counter, links } = recording();
  recorder.recordIncident(incidentEvent);
  expect(emitted).toEqual([]);
  recorder.recordIncident({ ...incidentEvent, state: 'over', over: incidentEvent.at + 1000 });
  expect(emitted[0]?.shape.root).toMatchObject({
    name: 'incident',
    kind: 'internal',
    startMs: incidentEvent.began,
    endMs: incidentEvent.at + 1000,
    error: incidentEvent.sentence,
    attributes: {
      'finrst.incident.scope': 'group',
      'finrst.incident.value': 'payments-redis',
      'finrst.incident.ended': 41,
    },
  });
  expect(links()).toEqual(['span-1']);
  expect(counter.made).toBe(1);
  recorder.recordIncident({ ...incidentEvent, state: 'over', isObserved: true });
  const whose = emitted.map(({ shape }) => shape.root.attributes['finrst.observed']);
  expect(whose).toEqual([undefined, true]);
});

describe('connections of other processes', () => {
  test('have a span for an error alone, whatever the ratio', () => {
    const { recorder, counter, emitted } = recording();
    expect(recorder.record(observedFinEvent, 1)).toBeNull();
    expect(recorder.record({ ...observedFinEvent, class: 'local', reason: 'closed' }, 1)).toBeNull();
    expect(recorder.record(observedErrorEvent, 0)).toEqual({ traceId: 'trace-1', spanId: '1' });
    expect(emitted).toHaveLength(1);
    expect(counter.made).toBe(1);
  });

  test('link to nothing, and nothing of ours links to them', () => {
    const { recorder, record, links } = recording();
    record(1, connectedEvent);
    recorder.record(observedErrorEvent, 1);
    record(1, disconnectedEvent);
    expect(links()).toEqual([null, null, '1']);
  });

  test('have a rate limit of their own, and what finds no room is counted', () => {
    const ours: number[] = [];
    const { recorder, record, counter, emitted } = recording(
      (spans) => ours.push(spans) > 0,
      () => false,
    );
    expect(recorder.record(observedErrorEvent, 1)).toBeNull();
    expect(ours).toEqual([]);
    record(1, disconnectedEvent);
    expect(emitted).toHaveLength(1);
    expect(counter.made).toBe(2);
    expect(counter.counts.suppressed).toBe(1);
  });
});
