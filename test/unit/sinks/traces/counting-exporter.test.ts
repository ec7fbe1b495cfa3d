import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';

import { createCountingExporter } from '../../../../src/sinks/traces/counting-exporter.ts';
import type { ExportLane, LaneResult } from '../../../../src/sinks/traces/export-lane.ts';
import { createSpanLedger } from '../../../../src/sinks/traces/span-ledger.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';

const batchOf = (spans: number) => Array.from({ length: spans }, () => ({}) as ReadableSpan);

/** Two lanes that answer when told to. */
function exporting() {
  const clock = createFakeClock();
  const ledger = createSpanLedger();
  const sent: { readonly spans: number; readonly answer: (result: LaneResult) => void }[] = [];
  let abandoned = 0;
  const lane = (): ExportLane => ({
    send: (spans, answer) => void sent.push({ spans: spans.length, answer }),
    abandon: () => void (abandoned += 1),
  });
  const exporter = createCountingExporter({
    lanes: [lane(), lane()],
    timeoutMs: 1000,
    ledger,
    clock,
    onResult: () => {},
  });
  const called: number[] = [];
  const add = (spans: number) => exporter.export(batchOf(spans), ({ code }) => void called.push(code));
  return { clock, ledger, sent, exporter, called, add, abandoned: () => abandoned };
}

const accepted: LaneResult = { kind: 'accepted', rejected: 0 };

test('batches wait for a free lane, and each is settled once', async () => {
  const { sent, add, ledger, exporter, called } = exporting();
  [1, 2, 4].forEach(add);
  await settled();
  await settled();
  expect(sent.map(({ spans }) => spans)).toEqual([1, 2]);
  expect(exporter.unsettled()).toBe(7);
  sent[0]?.answer(accepted);
  sent[0]?.answer(accepted);
  await settled();
  expect(sent.map(({ spans }) => spans)).toEqual([1, 2, 4]);
  sent[1]?.answer({ kind: 'failed', error: 'no' });
  sent[2]?.answer({ kind: 'accepted', rejected: 3 });
  await exporter.idle();
  expect(ledger.counts()).toEqual({ exported: 2, failed: 5, dropped: 0, suppressed: 0 });
  expect(called).toEqual([0, 0, 0]);
});

test('a collector that never answers is given up at the deadline, and its late word changes nothing', async () => {
  const { clock, sent, add, ledger, abandoned } = exporting();
  add(5);
  await settled();
  clock.advance(1249);
  expect(ledger.counts().failed).toBe(0);
  clock.advance(1);
  expect(ledger.counts()).toMatchObject({ exported: 0, failed: 5 });
  expect(abandoned()).toBe(1);
  sent[0]?.answer(accepted);
  expect(ledger.counts()).toMatchObject({ exported: 0, failed: 5 });
  expect(clock.pending).toBe(0);
});

test('when everything is abandoned, what was sent has failed and what waited is dropped', async () => {
  const { clock, sent, add, ledger, exporter, abandoned } = exporting();
  [1, 2, 4, 8].forEach(add);
  await settled();
  await settled();
  exporter.abandon();
  await settled();
  expect(ledger.counts()).toEqual({ exported: 0, failed: 3, dropped: 12, suppressed: 0 });
  expect(abandoned()).toBe(2);
  expect(sent).toHaveLength(2);
  expect(exporter.unsettled()).toBe(0);
  expect(clock.pending).toBe(0);
});
