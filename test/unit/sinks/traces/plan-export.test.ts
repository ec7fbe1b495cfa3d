import { describe, expect, test } from 'vitest';

import { planExport, type TracePlan, type ExportDecision } from '../../../../src/sinks/traces/plan-export.ts';
import {
  DEFAULT_TRACE_SETTINGS,
  type Environment,
  type TraceSettings,
} from '../../../../src/settings/trace-settings.ts';

const configured: TraceSettings = {
  ...DEFAULT_TRACE_SETTINGS,
  endpoint: 'http://otel-collector:4318',
  headers: { 'x-from': 'file' },
  caFile: '/ca.pem',
  samplingRatio: 0.25,
};

function planOf(decision: ExportDecision): TracePlan {
  if (decision.kind === 'off') throw new Error('tracing is off');
  return decision.plan;
}

describe('tracing is off', () => {
  test.each<{ when: string; settings: TraceSettings | null; env: Environment }>([
    { when: 'nothing names an endpoint', settings: null, env: {} },
    { when: 'the section has no endpoint', settings: DEFAULT_TRACE_SETTINGS, env: {} },
    { when: 'only metrics have an endpoint', settings: null, env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://a' } },
    { when: 'the SDK is disabled', settings: configured, env: { OTEL_SDK_DISABLED: 'TRUE' } },
    { when: 'traces go nowhere', settings: configured, env: { OTEL_TRACES_EXPORTER: 'none' } },
    { when: 'the endpoint is empty', settings: null, env: { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' } },
  ])('when $when', ({ settings, env }) => {
    expect(planExport(settings, env)).toEqual({ kind: 'off', warnings: [] });
  });
});

test('the configuration alone is enough', () => {
  expect(planExport(configured, {})).toEqual({
    kind: 'on',
    warnings: [],
    plan: {
      url: 'http://otel-collector:4318/v1/traces',
      headers: { 'x-from': 'file' },
      caFile: '/ca.pem',
      certFile: null,
      keyFile: null,
      compression: 'gzip',
      timeoutMs: 10_000,
      samplingRatio: 0.25,
      batch: { queue: 8192, size: 256, delayMs: 1000 },
      resource: {},
    },
  });
});

describe('a variable wins over the configuration', () => {
  test.each<{ env: Environment; plan: Partial<TracePlan> }>([
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a:1/b/' }, plan: { url: 'https://a:1/b/v1/traces' } },
    { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a:1/as-is' }, plan: { url: 'https://a:1/as-is' } },
    {
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces/x', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all' },
      plan: { url: 'http://traces/x' },
    },
    {
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: 'x-from=all, x-key=a%3Db',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-from=traces',
      },
      plan: { headers: { 'x-from': 'traces', 'x-key': 'a=b' } },
    },
    { env: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/other.pem' }, plan: { caFile: '/other.pem' } },
    {
      env: { OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/c.pem', OTEL_EXPORTER_OTLP_CLIENT_KEY: '/k.pem' },
      plan: { certFile: '/c.pem', keyFile: '/k.pem' },
    },
    { env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'none' }, plan: { compression: 'none' } },
    { env: { OTEL_EXPORTER_OTLP_TIMEOUT: '2500' }, plan: { timeoutMs: 2500 } },
    {
      env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
      plan: { samplingRatio: 0.5 },
    },
    { env: { OTEL_TRACES_SAMPLER: 'always_off' }, plan: { samplingRatio: 0 } },
    { env: { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, plan: { samplingRatio: 1 } },
    {
      env: { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200', OTEL_BSP_SCHEDULE_DELAY: '50' },
      plan: { batch: { queue: 100, size: 100, delayMs: 50 } },
    },
    {
      env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,team=x%2Cy', OTEL_SERVICE_NAME: 'b' },
      plan: { resource: { 'service.name': 'b', team: 'x,y' } },
    },
  ])('$env', ({ env, plan }) => {
    const decision = planExport(configured, env);
    expect(planOf(decision)).toMatchObject(plan);
    expect(decision.warnings).toEqual([]);
  });
});

describe('what cannot be used is told, and its value is not repeated where it may be a secret', () => {
  test.each<{ env: Environment; says: string; plan: Partial<TracePlan> }>([
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' },
      says: 'OTEL_EXPORTER_OTLP_ENDPOINT is not an http:// or https:// URL and is ignored',
      plan: { url: 'http://otel-collector:4318/v1/traces' },
    },
    {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      says: "OTLP over grpc is not supported; spans are sent as http/protobuf: name the collector's HTTP port (4318 by default)",
      plan: { url: 'http://otel-collector:4318/v1/traces' },
    },
    {
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
      says: 'OTEL_EXPORTER_OTLP_HEADERS is not a list of key=value pairs and is ignored',
      plan: { headers: { 'x-from': 'file' } },
    },
    {
      env: { OTEL_RESOURCE_ATTRIBUTES: 'a=b,c=%E0%A4%A' },
      says: 'OTEL_RESOURCE_ATTRIBUTES is not a list of key=value pairs and is ignored',
      plan: { resource: {} },
    },
    {
      env: { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
      says: 'OTEL_EXPORTER_OTLP_TIMEOUT is not a number above 0 and is ignored',
      plan: { timeoutMs: 10_000 },
    },
    {
      env: { OTEL_TRACES_SAMPLER: 'jaeger_remote' },
      says: 'OTEL_TRACES_SAMPLER names a sampler that Finrst does not have; the configured ratio is used',
      plan: { samplingRatio: 0.25 },
    },
    {
      env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' },
      says: 'OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1; 1 is used',
      plan: { samplingRatio: 1 },
    },
    {
      env: { OTEL_TRACES_EXPORTER: 'zipkin' },
      says: 'OTEL_TRACES_EXPORTER=zipkin is not supported; spans are sent as OTLP',
      plan: {},
    },
    {
      env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' },
      says: 'OTLP compression zstd is not supported; gzip and none are',
      plan: { compression: 'gzip' },
    },
  ])('$says', ({ env, says, plan }) => {
    const decision = planExport(configured, env);
    expect(decision.warnings).toEqual([says]);
    expect(planOf(decision)).toMatchObject(plan);
  });
});
