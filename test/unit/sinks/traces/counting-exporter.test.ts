import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';

import { CountingExporter } from '../../../../src/sinks/traces/counting-exporter.ts';
import type { CollectorConnection, SendResult } from '../../../../src/sinks/traces/collector-connection.ts';
import { SpanCounter } from '../../../../src/sinks/traces/span-counter.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';

const batchOf = (spans: number) => Array.from({ length: spans }, () => ({}) as ReadableSpan);

/** Two connections that answer when the test says so. */
function exporting() {
  const clock = createFakeClock();
  const counter = new SpanCounter();
  const sent: { readonly spans: number; readonly answer: (result: SendResult) => void }[] = [];
  let abandoned = 0;
  const connection = (): CollectorConnection => ({
    send: (spans, answer) => void sent.push({ spans: spans.length, answer }),
    abandon: () => void (abandoned += 1),
  });
  const exporter = new CountingExporter({
    connections: [connection(), connection()],
    timeoutMs: 1000,
    counter,
    clock,
    onResult: () => {},
  });
  const called: number[] = [];
  const add = (spans: number) => exporter.export(batchOf(spans), ({ code }) => void called.push(code));
  return { clock, counter, sent, exporter, called, add, abandoned: () => abandoned };
}

const accepted: SendResult = { kind: 'accepted', rejected: 0 };

test('batches wait for a free connection, and each is settled once', async () => {
  const { sent, add, counter, exporter, called } = exporting();
  [1, 2, 4].forEach(add);
  await settled();
  await settled();
  expect(sent.map(({ spans }) => spans)).toEqual([1, 2]);
  sent[0]?.answer(accepted);
  sent[0]?.answer(accepted);
  await settled();
  expect(sent.map(({ spans }) => spans)).toEqual([1, 2, 4]);
  sent[1]?.answer({ kind: 'failed', error: 'no' });
  sent[2]?.answer({ kind: 'accepted', rejected: 3 });
  await exporter.idle();
  expect(counter.counts).toEqual({ exported: 2, failed: 5, dropped: 0, suppressed: 0 });
  expect(called).toEqual([0, 0, 0]);
});

test('a collector that never answers is given up at the deadline, and an answer after that changes nothing', async () => {
  const { clock, sent, add, counter, abandoned } = exporting();
  add(5);
  await settled();
  clock.advance(1249);
  expect(counter.counts.failed).toBe(0);
  clock.advance(1);
  expect(counter.counts).toMatchObject({ exported: 0, failed: 5 });
  expect(abandoned()).toBe(1);
  sent[0]?.answer(accepted);
  expect(counter.counts).toMatchObject({ exported: 0, failed: 5 });
  expect(clock.pending).toBe(0);
});

test('when everything is abandoned, what was sent has failed and what waited is dropped', async () => {
  const { clock, sent, add, counter, exporter, abandoned } = exporting();
  [1, 2, 4, 8].forEach(add);
  await settled();
  await settled();
  exporter.abandon();
  await settled();
  expect(counter.counts).toEqual({ exported: 0, failed: 3, dropped: 12, suppressed: 0 });
  expect(abandoned()).toBe(2);
  expect(sent).toHaveLength(2);
  await exporter.idle();
  expect(clock.pending).toBe(0);
});

test('a collector that says it refused more spans than it was sent cannot make the counts add up wrongly', async () => {
  const { sent, add, counter, exporter } = exporting();
  add(3);
  await settled();
  sent[0]?.answer({ kind: 'accepted', rejected: 100 });
  await exporter.idle();
  expect(counter.counts).toEqual({ exported: 0, failed: 3, dropped: 0, suppressed: 0 });
});
