import { describe, expect, test } from 'vitest';

import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../support/sample-finrst-events.ts';
import { DEFAULT_TRACE_SETTINGS as settings } from '../../src/settings/trace-settings.ts';
import { SCHEMA_URL } from '../../src/sinks/traces/schema-url.ts';
import { otlpSink, tracesTo } from './fixtures.ts';

const named = (name: string) => (span: { readonly name: string }) => span.name === name;

describe('what a collector receives', () => {
  test('a connect is the root of its trace, and its steps are its children', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    const hostile = 'a"b\\\n\u202e';
    const peer = { ...connectedEvent.peer, labels: { team: hostile, tier: '' } };
    const ref = traces.record({ ...connectedEvent, peer, resolved: ['192.0.2.7', '2001:db8::7'] });
    await traces.shutdown(5000);

    const connect = await sink.span(named('connect'));
    expect(connect).toMatchObject({
      traceId: ref?.traceId,
      spanId: ref?.spanId,
      parentSpanId: '',
      kind: 'client',
      status: 'unset',
      links: [],
      startMs: connectedEvent.startedAt,
      endMs: connectedEvent.at,
      scope: 'finrst',
      schemaUrls: [SCHEMA_URL],
    });
    expect(connect.attributes).toEqual({
      'server.address': 'redis-0.payments',
      'server.port': 6379,
      'network.transport': 'tcp',
      'network.type': 'ipv4',
      'network.peer.address': '192.0.2.7',
      'network.peer.port': 6379,
      'network.local.address': '192.0.2.1',
      'network.local.port': 50_123,
      'finrst.group': 'payments-redis',
      'finrst.peer': 'redis-0.payments:6379',
      'finrst.connection.id': 'connection-1',
      'finrst.label.team': hostile,
      'peer.service': 'payments-redis',
    });
    const steps = [...sink.spans.values()].filter(({ name }) => name !== 'connect');
    expect(steps.map(({ name, startMs, endMs }) => [name, startMs - connect.startMs, endMs - connect.startMs])).toEqual(
      [
        ['dns', 0, 2],
        ['tcp_connect', 2.5, 6.5],
        ['tls_handshake', 6.5, 12],
      ],
    );
    expect(steps[0]?.attributes['dns.answers']).toEqual(['192.0.2.7', '2001:db8::7']);
    for (const step of steps) {
      expect(step).toMatchObject({ traceId: connect.traceId, parentSpanId: connect.spanId, kind: 'internal' });
    }
  });

  test('a connection is the root of its own trace and links to its connect', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    const connect = traces.record(connectedEvent);
    const tcp = {
      state: 'close',
      rttMs: 1.5,
      minRttMs: 1,
      totalRetransmits: 3,
      outstandingBytes: 14,
      silenceMs: 0,
    } as const;
    traces.record({ ...disconnectedEvent, tcp: { ...tcp, pendingRetransmits: 0, pendingProbes: 0 } });
    await traces.shutdown(5000);

    const connection = await sink.span(named('connection'));
    expect(connection).toMatchObject({
      parentSpanId: '',
      kind: 'internal',
      status: 'error',
      statusMessage: 'error reset ECONNRESET',
      startMs: disconnectedEvent.establishedAt,
      endMs: disconnectedEvent.at,
      links: [{ traceId: connect?.traceId, spanId: connect?.spanId }],
    });
    expect(connection.traceId).not.toBe(connect?.traceId);
    expect(connection.attributes).toMatchObject({
      'error.type': 'reset',
      'finrst.class': 'error',
      'finrst.reason': 'reset',
      'finrst.errno': 'ECONNRESET',
      'finrst.initiator': 'remote',
      'finrst.disconnect.time': '2026-01-02T03:05:05.678Z',
      'finrst.connection.duration_s': 60.00025,
      'finrst.connection.idle_s': 1.5,
      'finrst.connection.quiet_s': 0.5,
      'finrst.bytes_received': 70,
      'finrst.bytes_sent': 140,
      'finrst.tcp.rtt_s': 0.0015,
      'finrst.tcp.retransmits': 3,
      'finrst.tcp.unacked_bytes': 14,
    });
  });

  test('the life of a peer is one chain: each connect links to what came before it', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    const refs = [
      traces.record(connectedEvent),
      traces.record(disconnectedEvent),
      traces.record(connectFailedEvent),
      traces.record({ ...connectFailedEvent, failuresInARow: 2 }),
      traces.record({ ...connectFailedEvent, failuresInARow: 3 }),
      traces.record({ ...connectedEvent, failuresBefore: 3 }),
      traces.record(localClosedEvent),
    ];
    await traces.shutdown(5000);

    expect(refs[4]).toBeUndefined();
    const links = refs.map((ref) => ref && sink.spans.get(ref.spanId)?.links.map(({ spanId }) => spanId));
    const id = (index: number) => refs[index]?.spanId;
    // The third failure in a row is thinned: the recovery links to the last failure that was recorded.
    expect(links).toEqual([[], [id(0)], [id(1)], [id(2)], undefined, [id(3)], [id(5)]]);
  });

  test('a local close is no error, and neither is a clean end', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    traces.record(localClosedEvent);
    traces.record({ ...disconnectedEvent, class: 'eof', reason: 'fin' });
    await traces.shutdown(5000);

    const spans = [...sink.spans.values()];
    expect(
      spans.map(({ status, attributes }) => [status, attributes['finrst.class'], attributes['error.type']]),
    ).toEqual([
      ['unset', 'local', undefined],
      ['unset', 'eof', undefined],
    ]);
  });

  test('a failed connect says which step failed and why', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    traces.record({ ...connectFailedEvent, detail: 'nothing listens on 192.0.2.7:6379' });
    await traces.shutdown(5000);

    expect(await sink.span(named('connect'))).toMatchObject({
      status: 'error',
      statusMessage: 'nothing listens on 192.0.2.7:6379',
      attributes: { 'error.type': 'refused', 'finrst.phase': 'tcp', 'finrst.errno': 'ECONNREFUSED' },
    });
    expect(await sink.span(named('dns'))).toMatchObject({ status: 'unset' });
    expect(await sink.span(named('tcp_connect'))).toMatchObject({
      status: 'error',
      attributes: { 'error.type': 'refused', 'network.peer.address': '192.0.2.7', 'network.peer.port': 6379 },
    });
  });

  test('the resource names the service and no command line, owner or host', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    traces.record(localClosedEvent);
    await traces.shutdown(5000);

    const { resource } = await sink.span(named('connection'));
    expect(resource).toEqual({
      'service.name': 'finrst',
      'service.version': '1.2.3',
      'service.instance.id': expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': expect.any(String),
    });
  });

  test('the request is gzipped protobuf with our headers, and the variables win over the configuration', async () => {
    const [configured, named_] = [await otlpSink(), await otlpSink()];
    const { traces } = await tracesTo(configured.url, {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${named_.url}/base/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-tenant=a',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=edge,deployment.environment.name=prod',
      },
    });
    traces.record(localClosedEvent);
    await traces.shutdown(5000);

    expect(configured.requests).toEqual([]);
    expect(named_.requests).toMatchObject([
      {
        path: '/base/v1/traces',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
          authorization: 'Bearer abc',
          'x-tenant': 'a',
          'user-agent': expect.stringMatching(/^finrst\/1\.2\.3 /),
        },
      },
    ]);
    const { resource } = await named_.span(named('connection'));
    expect(resource).toMatchObject({ 'service.name': 'edge', 'deployment.environment.name': 'prod' });
  });

  test('a reload moves to another collector and loses nothing on the way', async () => {
    const [first, second] = [await otlpSink(), await otlpSink()];
    const { traces } = await tracesTo(first.url);
    const before = traces.record(connectedEvent);
    await traces.reconfigure({ ...settings, endpoint: second.url });
    const after = traces.record(disconnectedEvent);
    await traces.shutdown(5000);

    await first.span(({ spanId }) => spanId === before?.spanId);
    const connection = await second.span(({ spanId }) => spanId === after?.spanId);
    expect(connection.links).toMatchObject([{ spanId: before?.spanId }]);
    expect(connection.resource['service.instance.id']).toBe(
      [...first.spans.values()][0]?.resource['service.instance.id'],
    );
    expect(traces.counts()).toEqual({ exported: 5, failed: 0, dropped: 0, suppressed: 0 });
    expect(traces.made()).toBe(5);
  });

  test('a reload that takes tracing away ends it', async () => {
    const sink = await otlpSink();
    const { traces } = await tracesTo(sink.url);
    await traces.reconfigure(null);
    expect(traces.record(connectedEvent)).toBeUndefined();
    expect(traces.made()).toBe(0);
  });
});
