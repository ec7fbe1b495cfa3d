import {
  type Attributes,
  context,
  type Link,
  logs,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';

import type { Warn } from '../../domain/events/create-warn.ts';
import { createCollectorHealth } from './collector-health.ts';
import { createCountingExporter } from './counting-exporter.ts';
import { createExportLane, type TlsMaterial } from './export-lane.ts';
import { createIdGenerator } from './id-generator.ts';
import type { TracePlan } from './plan-export.ts';
import { createSdkDiagnostics } from './sdk-diagnostics.ts';
import type { SpanLedger } from './span-ledger.ts';
import type { TraceClock } from './trace-clock.ts';
import type { SpanAddress, SpanAttributes, SpanShape, TraceShape } from './trace-shape.ts';

export type PipelineOptions = {
  readonly plan: TracePlan;
  readonly tls: TlsMaterial;
  readonly version: string;
  readonly instanceId: string;
  readonly ledger: SpanLedger;
  readonly clock: TraceClock;
  readonly random: () => number;
  readonly warn: Warn;
};

/** The road of spans to one collector. */
export type SpanPipeline = {
  /** Makes the spans of a trace and queues them; the address of its root, or null where the queue had no room for all. */
  emit(shape: TraceShape, link: SpanAddress | null): SpanAddress | null;
  /** Sends what waits, for at most `deadlineMs`; then what is left is counted as lost and nothing is sent any more. */
  close(deadlineMs: number): Promise<void>;
};

/** So many requests at once empty a full queue quickly and keep the memory for serialised batches small. */
const LANES = 4;
/** Ours is the deadline of a batch; the processor's own must never come first. */
const NEVER_MS = 2 ** 31 - 1;

/** Builds the SDK for one plan. Nothing is left registered globally, so a new plan can be running before the old ends. */
export function createSpanPipeline(options: PipelineOptions): SpanPipeline {
  const { plan, ledger, clock } = options;
  const health = createCollectorHealth(plan.url, clock, options.warn);
  const { exporter, diagnostics } = createExporter(options, (result, spans) => health.sent(result, spans));
  let queued = 0;
  let closed = false;
  const processor = new BatchSpanProcessor({
    exporter: {
      ...exporter,
      export(spans, callback) {
        queued -= spans.length;
        exporter.export(spans, callback);
      },
    },
    maxQueueSize: plan.batch.queue,
    maxExportBatchSize: plan.batch.size,
    scheduledDelayMillis: plan.batch.delayMs,
    exportTimeoutMillis: NEVER_MS,
  });
  const { tracer, shutdown } = startSdk(options, processor);
  diagnostics.listen(); // after the start: where OTEL_LOG_LEVEL is set, the SDK takes the logger for itself
  return {
    emit(shape, link) {
      const spans = 1 + shape.children.length;
      if (closed || queued + spans > plan.batch.queue) {
        ledger.settle('dropped', spans);
        health.queueFull(spans);
        return null;
      }
      queued += spans;
      return makeTrace(tracer, shape, link);
    },
    async close(deadlineMs) {
      closed = true;
      const deadline = timeout(clock, deadlineMs);
      await Promise.race([deadline.reached, shutdown().then(() => exporter.idle())]);
      deadline.cancel();
      exporter.abandon();
      ledger.settle('dropped', queued);
      queued = 0;
    },
  };
}

function createExporter(options: PipelineOptions, onResult: Parameters<typeof createCountingExporter>[0]['onResult']) {
  const { plan, tls, version, ledger, clock, warn } = options;
  const sdk = createSdkDiagnostics((error) => warn('warn', 'the tracing SDK complains', { error }));
  const takeRejected = () => sdk.takeRejected();
  const userAgent = `finrst/${version}`;
  const lanes = Array.from({ length: LANES }, () => createExportLane({ plan, tls, userAgent, takeRejected }));
  const exporter = createCountingExporter({ lanes, timeoutMs: plan.timeoutMs, ledger, clock, onResult });
  return { exporter, diagnostics: sdk };
}

function startSdk({ plan, version, instanceId, random }: PipelineOptions, processor: SpanProcessor) {
  const ours = { 'service.name': 'finrst', 'service.version': version, 'service.instance.id': instanceId };
  const sdk = new NodeSDK({
    resource: defaultResource().merge(resourceFromAttributes({ ...ours, ...plan.resource })),
    autoDetectResources: false, // the detectors put the command line and the owner of the process into every batch
    spanProcessors: [processor],
    sampler: new AlwaysOnSampler(), // what gets here was chosen already
    idGenerator: createIdGenerator(random),
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const tracer = trace.getTracer('finrst', version);
  trace.disable();
  context.disable();
  logs.disable();
  return { tracer, shutdown: () => sdk.shutdown() };
}

function makeTrace(tracer: Tracer, { root, children }: TraceShape, link: SpanAddress | null): SpanAddress {
  const links: Link[] = link === null ? [] : [{ context: { ...link, traceFlags: TraceFlags.SAMPLED } }];
  const span = tracer.startSpan(root.name, { ...startOptions(root), links, root: true }, ROOT_CONTEXT);
  const parent = trace.setSpan(ROOT_CONTEXT, span);
  for (const child of children) endSpan(tracer.startSpan(child.name, startOptions(child), parent), child);
  endSpan(span, root);
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

function startOptions({ kind, startMs, attributes }: SpanShape) {
  return {
    kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    startTime: startMs,
    attributes: present(attributes),
  };
}

function endSpan(span: Span, { error, endMs }: SpanShape): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(endMs);
}

function present(attributes: SpanAttributes): Attributes {
  const known: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) known[name] = value;
  return known;
}

function timeout(clock: TraceClock, ms: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  return { reached: promise, cancel: () => timer.cancel() };
}
