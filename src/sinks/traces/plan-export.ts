import { createEnvironmentReader, parseHttpUrl, type EnvironmentReader } from './environment.ts';
import { DEFAULT_TRACE_SETTINGS, type Environment, type TraceSettings } from '../../settings/trace-settings.ts';

/** Where spans go and how; everything decided, nothing left to read but the named files. */
export type TracePlan = {
  /** As sent: with /v1/traces. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly compression: 'gzip' | 'none';
  readonly timeoutMs: number;
  readonly samplingRatio: number;
  readonly batch: BatchPlan;
  /** Resource attributes from the variables; ours are added where they are missing. */
  readonly resource: Readonly<Record<string, string>>;
};

/** Spans wait for `delayMs` or until `size` of them are there; at most `queue` wait. */
export type BatchPlan = { readonly queue: number; readonly size: number; readonly delayMs: number };

export type ExportDecision =
  | { readonly kind: 'off'; readonly warnings: readonly string[] }
  | { readonly kind: 'on'; readonly plan: TracePlan; readonly warnings: readonly string[] };

/** Takes in a burst of the rate limit (5,000) on top of a batch under way and a second of waiting, in 2 KB each. */
const QUEUE = 8192;
/** The first one is serialised by code that is not compiled yet and takes 20 ms of a core; half the usual 512 keeps 50 ms far. */
const BATCH = 256;
/** What a crash may lose. The specification's 5 s would save requests that a quiet exporter does not make anyway. */
const DELAY_MS = 1000;

/**
 * Whether spans are recorded and where they go. The OTEL_* variables win over `settings` (null: no section) one by one.
 * Off: no endpoint anywhere, OTEL_SDK_DISABLED=true, or OTEL_TRACES_EXPORTER=none. What cannot be used becomes a warning.
 */
export function planExport(settings: TraceSettings | null, env: Environment): ExportDecision {
  const warnings: string[] = [];
  const read = createEnvironmentReader(env, (message) => warnings.push(message));
  if (read.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { kind: 'off', warnings };
  if (read.text('OTEL_TRACES_EXPORTER') === 'none') return { kind: 'off', warnings };
  const configured = settings ?? DEFAULT_TRACE_SETTINGS;
  const url = endpoint(configured, read);
  if (url === null) return { kind: 'off', warnings };
  warnings.push(...unsupported(read));
  return { kind: 'on', plan: { url, ...request(configured, read), ...content(configured, read, warnings) }, warnings };
}

function request(configured: TraceSettings, read: EnvironmentReader) {
  const file = (name: string, own: string | null) =>
    read.text(`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`) ?? own;
  const compression = read.text('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION');
  return {
    headers: {
      ...configured.headers,
      ...read.pairs('OTEL_EXPORTER_OTLP_HEADERS'),
      ...read.pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    caFile: file('CERTIFICATE', configured.caFile),
    certFile: file('CLIENT_CERTIFICATE', configured.certFile),
    keyFile: file('CLIENT_KEY', configured.keyFile),
    compression: compression === 'gzip' || compression === 'none' ? compression : configured.compression,
    timeoutMs: read.positive('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT') ?? configured.timeoutMs,
  };
}

function content(configured: TraceSettings, read: EnvironmentReader, warnings: string[]) {
  const queue = Math.ceil(read.positive('OTEL_BSP_MAX_QUEUE_SIZE') ?? QUEUE);
  const size = Math.ceil(read.positive('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? BATCH);
  const serviceName = read.text('OTEL_SERVICE_NAME');
  return {
    samplingRatio: samplingRatio(configured, read, warnings),
    batch: { queue, size: Math.min(size, queue), delayMs: read.positive('OTEL_BSP_SCHEDULE_DELAY') ?? DELAY_MS },
    resource: {
      ...read.pairs('OTEL_RESOURCE_ATTRIBUTES'),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
  };
}

/** The signal's own variable is used as it is, the common one and our key are base URLs (OTLP exporter specification). */
function endpoint(configured: TraceSettings, read: EnvironmentReader): string | null {
  const exact = read.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (exact) return exact.href;
  const base = read.url('OTEL_EXPORTER_OTLP_ENDPOINT') ?? (configured.endpoint && parseHttpUrl(configured.endpoint));
  if (!base) return null;
  base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/traces`;
  return base.href;
}

/** Every trace of ours begins here, so each sampler of the specification comes down to a ratio. */
function samplingRatio(configured: TraceSettings, read: EnvironmentReader, warnings: string[]): number {
  const sampler = read.text('OTEL_TRACES_SAMPLER')?.replace(/^parentbased_/, '');
  if (sampler === undefined) return configured.samplingRatio;
  if (sampler === 'always_on') return 1;
  if (sampler === 'always_off') return 0;
  if (sampler !== 'traceidratio') {
    warnings.push('OTEL_TRACES_SAMPLER names a sampler that Finrst does not have; the configured ratio is used');
    return configured.samplingRatio;
  }
  const ratio = Number(read.text('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warnings.push('OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1; 1 is used');
  return 1;
}

function unsupported(read: EnvironmentReader): string[] {
  const warnings: string[] = [];
  const protocol = read.text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol !== undefined && protocol !== 'http/protobuf') {
    warnings.push(
      `OTLP over ${protocol} is not supported; spans are sent as http/protobuf: name the collector's HTTP port (4318 by default)`,
    );
  }
  const exporter = read.text('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined && exporter !== 'otlp') {
    warnings.push(`OTEL_TRACES_EXPORTER=${exporter} is not supported; spans are sent as OTLP`);
  }
  const compression = read.text('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION');
  if (compression !== undefined && compression !== 'gzip' && compression !== 'none') {
    warnings.push(`OTLP compression ${compression} is not supported; gzip and none are`);
  }
  return warnings;
}
