import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { lackOf } from '../deploy/lack-of.ts';
import { canObserve, startClient, startObserver } from '../e2e/observed-host.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { connectedEvent, disconnectedEvent } from '../support/sample-finrst-events.ts';
import { tracesTo } from './fixtures.ts';
import { buildCollector } from './build-collector.ts';
import { startCollector, type CollectedSpan } from './otel-collector.ts';

const lack = lackOf(['go']);

/** A build from an empty cache takes minutes, and longer beside other work. */
const BUILD_MS = 900_000;
const OBSERVED_PORT = 15_445;
const ORDERLY_PORT = 20_101;

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

  test.runIf(canObserve)(
    'has a span of the connection that a program lost, and none of one that ended in order',
    async () => {
      const collector = await startCollector(program);
      const config = join(scratchFolder(), 'finrst.yml');
      const group = `{name: db, hold: false, observe: {}, static_configs: [{targets: ["127.0.0.1:${OBSERVED_PORT}"]}]}`;
      writeFileSync(config, `tracing: {endpoint: "${collector.url}"}\ngroups: [${group}]\n`);
      const daemon = await startObserver(config);
      await daemon.logs(/msg="connections of other processes are observed"/);
      await startClient('127.0.0.1', ORDERLY_PORT, 'fin', OBSERVED_PORT).answer();
      const { pid, errno } = await startClient('127.0.0.1', 0, 'reset', OBSERVED_PORT).answer();
      await daemon.logs(new RegExp(`msg="observed connection ended".* local=127.0.0.1:${ORDERLY_PORT} .*reason=fin`));
      const [, local = '', traceId = ''] = await daemon.logs(
        new RegExp(`msg="observed connection ended".* local=(\\S+) pid=${pid} .*trace_id=([0-9a-f]{32})`),
      );
      daemon.child.kill('SIGTERM');
      expect(await daemon.exit).toBe(0);

      const spans = await collector.spans();
      expect(spans).toHaveLength(1);
      const [span] = spans;
      expect(span).toMatchObject({ traceId, name: 'connection', kind: 1 });
      expect(span).toMatchObject({ status: { code: 2, message: 'error reset ECONNRESET' } });
      expect(span!.parentSpanId ?? '').toBe('');
      expect(span!.links ?? []).toEqual([]);
      expect(BigInt(span!.endTimeUnixNano)).toBeGreaterThan(BigInt(span!.startTimeUnixNano));
      const { 'finrst.disconnect.time': at, 'finrst.connection.duration_s': seconds, ...attributes } = valuesOf(span!);
      expect(new Date(String(at)).toISOString()).toBe(at);
      expect(seconds).toBeGreaterThan(0);
      expect(attributes).toEqual({
        'finrst.observed': true,
        'finrst.connection.id': expect.stringMatching(/^observed-\d+$/),
        'finrst.group': 'db',
        'finrst.peer': `127.0.0.1:${OBSERVED_PORT}`,
        'finrst.class': 'error',
        'finrst.reason': 'reset',
        'finrst.errno': errno,
        'finrst.initiator': 'remote',
        'error.type': 'reset',
        'process.pid': String(pid),
        'process.executable.name': 'python3',
        'server.address': '127.0.0.1',
        'server.port': String(OBSERVED_PORT),
        'network.peer.address': '127.0.0.1',
        'network.peer.port': String(OBSERVED_PORT),
        'network.local.address': '127.0.0.1',
        'network.local.port': local.slice(local.lastIndexOf(':') + 1),
        'network.transport': 'tcp',
        'network.type': 'ipv4',
      });
    },
  );
});

/** Attributes by key, as the collector writes them: whole numbers as text (OTLP/JSON). */
function valuesOf({ attributes = [] }: CollectedSpan): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
