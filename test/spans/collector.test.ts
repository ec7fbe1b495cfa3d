import { beforeAll, describe, expect, test } from 'vitest';

import { lackOf } from '../deploy/lack-of.ts';
import { connectedEvent, disconnectedEvent } from '../support/sample-finrst-events.ts';
import { tracesTo } from './fixtures.ts';
import { buildCollector } from './build-collector.ts';
import { startCollector } from './otel-collector.ts';

const lack = lackOf(['go']);

/** A build from an empty cache takes minutes, and longer beside other work. */
const BUILD_MS = 900_000;

describe.skipIf(lack.skip)(`a real OpenTelemetry Collector, built with the Go toolchain${lack.note}`, () => {
  let program = '';
  beforeAll(async () => {
    program = await buildCollector();
  }, BUILD_MS);

  test('takes a trace as it was meant', async () => {
    const collector = await startCollector(program);
    const { traces } = await tracesTo(collector.url);
    const connect = traces.record(connectedEvent);
    const connection = traces.record(disconnectedEvent);
    await traces.shutdown(10_000);
    expect(traces.counts()).toEqual({ exported: 5, failed: 0, dropped: 0, suppressed: 0 });

    const spans = await collector.spans();
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    expect(byId.get(connect?.spanId ?? '')).toMatchObject({
      traceId: connect?.traceId,
      name: 'connect',
      kind: 3,
      startTimeUnixNano: `${connectedEvent.startedAt}000000`,
      endTimeUnixNano: `${connectedEvent.at}000000`,
    });
    expect(byId.get(connection?.spanId ?? '')).toMatchObject({
      traceId: connection?.traceId,
      name: 'connection',
      kind: 1,
      status: { code: 2, message: 'error reset ECONNRESET' },
      links: [{ traceId: connect?.traceId, spanId: connect?.spanId }],
    });
    const children = spans.filter(({ parentSpanId }) => parentSpanId === connect?.spanId);
    expect(children.map(({ name }) => name)).toEqual(['dns', 'tcp_connect', 'tls_handshake']);
  });

  test.each(['gzip', 'none'])('has every span of a burst, once, with compression %s', async (compression) => {
    const collector = await startCollector(program);
    const { traces } = await tracesTo(collector.url, { env: { OTEL_EXPORTER_OTLP_COMPRESSION: compression } });
    for (let count = 0; count < 1600; count += 1) {
      traces.record({ ...connectedEvent, connectionId: `connection-${count}` });
      traces.record({ ...disconnectedEvent, connectionId: `connection-${count}` });
    }
    await traces.shutdown(30_000);
    expect(traces.counts()).toEqual({ exported: 8000, failed: 0, dropped: 0, suppressed: 0 });
    const spans = await collector.spans();
    expect(spans).toHaveLength(8000);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(8000);
  });
});
