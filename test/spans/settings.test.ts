import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { DEFAULT_TRACE_SETTINGS } from '../../src/settings/trace-settings.ts';
import { localClosedEvent } from '../support/sample-finrst-events.ts';
import { tlsFile } from '../support/tls-peer.ts';
import { otlpSink, tracesTo } from './fixtures.ts';

describe('a collector behind TLS', () => {
  const pem = (name: string) => readFileSync(tlsFile(name));
  /** Wants a certificate of ours that the test CA signed. */
  const mutual = { key: pem('server.key'), cert: pem('server.pem'), ca: pem('ca.pem'), requestCert: true };
  const ours = { caFile: tlsFile('ca.pem'), certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') };

  test('is trusted by the configured CA, and knows us by our certificate', async () => {
    const sink = await otlpSink({ kind: 'accept' }, mutual);
    const settings = { ...DEFAULT_TRACE_SETTINGS, endpoint: sink.url, ...ours };
    const { traces } = await tracesTo(sink.url, { settings });
    traces.record(localClosedEvent);
    await traces.shutdown(5000);
    expect(traces.counts()).toMatchObject({ exported: 1, failed: 0 });
  });

  test('can be configured by the variables alone', async () => {
    const sink = await otlpSink({ kind: 'accept' }, mutual);
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_CERTIFICATE: ours.caFile,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: ours.certFile,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: ours.keyFile,
    };
    const { traces } = await tracesTo(sink.url, { settings: null, env });
    traces.record(localClosedEvent);
    await traces.shutdown(5000);
    expect(traces.counts()).toMatchObject({ exported: 1, failed: 0 });
  });

  test.each([
    { when: 'its CA is unknown', files: {}, error: /unable to|self.signed/i },
    { when: 'we have no certificate', files: { caFile: ours.caFile }, error: /alert|certificate|reset|hang up/i },
  ])('gets nothing when $when, and the log says why', async ({ files, error }) => {
    const sink = await otlpSink({ kind: 'accept' }, mutual);
    const settings = { ...DEFAULT_TRACE_SETTINGS, endpoint: sink.url, timeoutMs: 500, ...files };
    const { traces, warnings } = await tracesTo(sink.url, { settings });
    traces.record(localClosedEvent);
    expect(await traces.shutdown(5000)).toEqual({ lost: 1 });
    expect(traces.counts()).toMatchObject({ exported: 0, failed: 1 });
    expect(warnings).toMatchObject([{ message: 'spans do not reach the collector' }]);
    expect(warnings[0]?.fields?.['error']).toMatch(error);
    expect(sink.spans.size).toBe(0);
  });

  test('a file that cannot be read is told by name', async () => {
    const sink = await otlpSink();
    const settings = { ...DEFAULT_TRACE_SETTINGS, endpoint: sink.url, caFile: '/nowhere/ca.pem' };
    const { warnings } = await tracesTo(sink.url, { settings });
    expect(warnings).toMatchObject([{ message: expect.stringContaining('/nowhere/ca.pem cannot be read') }]);
  });
});

test('a user name, a password and a token in the endpoint are in no line of the log', async () => {
  const sink = await otlpSink({ kind: 'status', status: 400 });
  const url = `${sink.url.replace('//', '//user:secret@')}/v1/traces?token=secret`;
  const { traces, warnings } = await tracesTo(sink.url, { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url } });
  traces.record(localClosedEvent);
  await traces.shutdown(5000);
  expect(sink.requests[0]?.path).toBe('/v1/traces?token=secret');
  expect(warnings).toMatchObject([{ fields: { collector: `${sink.url}/v1/traces` } }]);
  expect(JSON.stringify(warnings)).not.toContain('secret');
});

test.each([
  { tracing: 'off', settings: 'null', loads: false },
  { tracing: 'on', settings: '{ ...defaults, endpoint: "http://127.0.0.1:9" }', loads: true },
])('with tracing $tracing OpenTelemetry is loaded: $loads', ({ settings, loads }) => {
  const source = (name: string) => JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href);
  const program = `
    import { registerHooks } from 'node:module';
    let loaded = false;
    registerHooks({ resolve(name, context, next) { loaded ||= name.startsWith('@opentelemetry/'); return next(name, context); } });
    const { createTraces } = await import(${source('sinks/traces/create-traces.ts')});
    const { DEFAULT_TRACE_SETTINGS: defaults } = await import(${source('settings/trace-settings.ts')});
    const { systemClock: clock } = await import(${source('clock/system-clock.ts')});
    const options = { env: {}, clock, random: Math.random, build: { version: '1' }, publish() {} };
    const traces = await createTraces({ ...options, settings: ${settings} });
    traces.record(${JSON.stringify(localClosedEvent)});
    console.log(loaded);
    process.exit();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(String(loads));
});

test('spans that a collector refuses are failed spans with OTEL_LOG_LEVEL set too, which makes the SDK take its logger back', async () => {
  vi.stubEnv('OTEL_LOG_LEVEL', 'error');
  onTestFinished(() => void vi.unstubAllEnvs());
  const sink = await otlpSink({ kind: 'refuseSome', rejected: 3 });
  const { traces } = await tracesTo(sink.url);
  for (let count = 0; count < 10; count += 1) traces.record(localClosedEvent);
  await traces.shutdown(5000);
  expect(traces.counts()).toMatchObject({ exported: 7, failed: 3 });
});
