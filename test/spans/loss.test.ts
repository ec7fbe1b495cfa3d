import { describe, expect, test } from 'vitest';

import { DEFAULT_TRACE_SETTINGS } from '../../src/settings/trace-settings.ts';
import { connectedEvent, disconnectedEvent, localClosedEvent } from '../support/sample-finrst-events.ts';
import { refusingUrl, type SinkBehaviour } from '../support/otlp-sink.ts';
import { otlpSink, settledSpans, tracesTo } from './fixtures.ts';

/** Short, so that a collector that hangs is given up within the test. */
const TIMEOUT_MS = 1200;
/** 1,000 lifecycles of 5 spans are 20 batches, made at once: the shutdown has to flush all but the first. */
const LIFECYCLES = 1000;

type Case = {
  readonly when: string;
  readonly behaviour: SinkBehaviour | 'refuse';
  readonly answers: boolean;
  /** What must be lost, where it does not depend on time. */
  readonly allLost?: boolean;
};

const CASES: readonly Case[] = [
  { when: 'accepts', behaviour: { kind: 'accept' }, answers: true },
  { when: 'is slow', behaviour: { kind: 'slow', ms: 100 }, answers: true },
  { when: 'answers 503', behaviour: { kind: 'status', status: 503 }, answers: true, allLost: true },
  { when: 'answers 400', behaviour: { kind: 'status', status: 400 }, answers: true, allLost: true },
  { when: 'refuses some spans', behaviour: { kind: 'refuseSome', rejected: 3 }, answers: true },
  { when: 'closes in the middle of its answer', behaviour: { kind: 'closeMidBody' }, answers: true },
  { when: 'closes before it read the request', behaviour: { kind: 'closeEarly' }, answers: false, allLost: true },
  { when: 'refuses connections', behaviour: 'refuse', answers: false, allLost: true },
  { when: 'hangs', behaviour: { kind: 'hang' }, answers: false, allLost: true },
  { when: 'drips an answer without end', behaviour: { kind: 'drip' }, answers: false },
];

describe('every span is accounted for when the collector', () => {
  test.each(CASES)('$when', async ({ behaviour, answers, allLost }) => {
    const sink = await otlpSink(behaviour === 'refuse' ? undefined : behaviour);
    const url = behaviour === 'refuse' ? await refusingUrl() : sink.url;
    const settings = { ...DEFAULT_TRACE_SETTINGS, endpoint: url, timeoutMs: TIMEOUT_MS };
    const { traces } = await tracesTo(url, { settings });
    for (let count = 0; count < LIFECYCLES; count += 1) {
      traces.record(connectedEvent);
      traces.record(disconnectedEvent);
    }
    const waiting = traces.made() - settledSpans(traces);
    const startedAt = performance.now();
    const { lost } = await traces.shutdown(9000);

    expect(performance.now() - startedAt).toBeLessThan(9500);
    expect(traces.made()).toBe(LIFECYCLES * 5);
    expect(settledSpans(traces)).toBe(traces.made());
    const { exported, failed, dropped } = traces.counts();
    expect(dropped).toBe(0);
    expect(lost).toBe(waiting - exported);
    if (answers) expect(exported).toBe(sink.spans.size);
    else expect(sink.spans.size).toBeLessThanOrEqual(exported + failed);
    expect(exported).toBeLessThanOrEqual(sink.spans.size);
    if (allLost === true) expect(failed).toBe(traces.made());
    if (behaviour !== 'refuse' && behaviour.kind === 'refuseSome') expect(failed).toBe(sink.requests.length * 3);
  });
});

test('a queue that is full drops whole traces, and says so once a minute', async () => {
  const sink = await otlpSink({ kind: 'hang' });
  const { traces, warnings } = await tracesTo(sink.url, { env: { OTEL_BSP_MAX_QUEUE_SIZE: '512' } });
  for (let count = 0; count < 1000; count += 1) traces.record(connectedEvent);
  const { dropped } = traces.counts();
  expect(dropped).toBeGreaterThan(0);
  expect(dropped % 4).toBe(0);
  expect(traces.record(connectedEvent)).toBeUndefined();
  expect(warnings.filter(({ message }) => message.includes('dropped'))).toHaveLength(1);
});

test('at the deadline of a shutdown what is in a request has failed, what waits is dropped, and nothing moves any more', async () => {
  const sink = await otlpSink({ kind: 'hang' });
  const { traces } = await tracesTo(sink.url);
  for (let count = 0; count < 5000; count += 1) traces.record(localClosedEvent);
  const startedAt = performance.now();
  const { lost } = await traces.shutdown(300);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(lost).toBe(5000);
  const { failed, dropped } = traces.counts();
  expect(failed + dropped).toBe(5000);
  expect(dropped).toBeGreaterThan(0);
  expect(traces.record(localClosedEvent)).toBeUndefined();
  expect(traces.counts()).toMatchObject({ failed, dropped: dropped + 1 });
  expect(traces.made()).toBe(5001);
});

test('a collector that comes back is told of once, with what was lost', async () => {
  const sink = await otlpSink({ kind: 'status', status: 400 });
  const { traces, warnings } = await tracesTo(sink.url, { env: { OTEL_BSP_SCHEDULE_DELAY: '10' } });
  traces.record(localClosedEvent);
  await expect.poll(() => traces.counts().failed).toBe(1);
  sink.behave({ kind: 'accept' });
  traces.record(localClosedEvent);
  await expect.poll(() => traces.counts().exported).toBe(1);
  expect(warnings).toMatchObject([
    { message: 'spans do not reach the collector', fields: { collector: `${sink.url}/v1/traces`, failures: 1 } },
    { message: 'spans reach the collector again', fields: { failures: 1, failed_spans: 1 } },
  ]);
});
