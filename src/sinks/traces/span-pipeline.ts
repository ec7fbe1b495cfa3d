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

import type { Clock } from '../../clock/clock.ts';
import type { Warn } from '../../domain/events/create-warn.ts';
import { CollectorHealth } from './collector-health.ts';
import { CountingExporter } from './counting-exporter.ts';
import { createCollectorConnection, type SendResult, type TlsMaterial } from './collector-connection.ts';
import { createIdGenerator } from './id-generator.ts';
import type { TracePlan } from './plan-export.ts';
import { SdkDiagnostics } from './sdk-diagnostics.ts';
import type { SpanCounter } from './span-counter.ts';
import { SCHEMA_URL } from './schema-url.ts';
import type { SpanAddress, SpanAttributes, SpanShape, TraceShape } from './trace-shape.ts';

export type PipelineOptions = {
  readonly plan: TracePlan;
  readonly tls: TlsMaterial;
  readonly version: string;
  readonly instanceId: string;
  readonly counter: SpanCounter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly warn: Warn;
};

/** So many requests at once empty a full queue quickly and keep the memory for serialised batches small. */
const CONNECTIONS = 4;
/** Ours is the deadline of a batch; the processor's own must never come first. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The way of spans to one collector: builds the SDK for one plan. Nothing is left registered globally, so a new plan can be
 * running before the old ends.
 */
export class SpanPipeline {
  readonly #options: PipelineOptions;
  readonly #health: CollectorHealth;
  readonly #exporter: CountingExporter;
  readonly #tracer: Tracer;
  readonly #shutdownSdk: () => Promise<void>;
  #queued = 0;
  #closed = false;

  constructor(options: PipelineOptions) {
    const { plan, clock, warn } = options;
    this.#options = options;
    this.#health = new CollectorHealth({ url: plan.url, clock, warn });
    const diagnostics = new SdkDiagnostics((error) => warn('warn', 'the tracing SDK complains', { error }));
    this.#exporter = createExporter(options, diagnostics, this.#health);
    const { tracer, shutdown } = startSdk(options, this.#createProcessor());
    this.#tracer = tracer;
    this.#shutdownSdk = shutdown;
    diagnostics.listen(); // after the start: where OTEL_LOG_LEVEL is set, the SDK takes the logger for itself
  }

  /** Makes the spans of a trace and queues them; the address of its root, or null where the queue had no room for all. */
  emit(shape: TraceShape, links: readonly SpanAddress[]): SpanAddress | null {
    const spans = 1 + shape.children.length;
    if (this.#closed || this.#queued + spans > this.#options.plan.batch.queue) {
      this.#options.counter.settle('dropped', spans);
      this.#health.queueFull(spans);
      return null;
    }
    this.#queued += spans;
    return makeTrace(this.#tracer, shape, links);
  }

  /** Sends what waits, for at most `deadlineMs`; then what is left is counted as lost and nothing is sent any more. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = this.#options.clock.after(deadlineMs, resolve);
    await Promise.race([promise, this.#shutdownSdk().then(() => this.#exporter.idle())]);
    deadline.cancel();
    this.#exporter.abandon();
    this.#options.counter.settle('dropped', this.#queued);
    this.#queued = 0;
  }

  /** The processor's queue and timer, in front of the exporter that counts. */
  #createProcessor(): SpanProcessor {
    const { batch } = this.#options.plan;
    const exporter = this.#exporter;
    return new BatchSpanProcessor({
      exporter: {
        export: (spans, callback) => {
          this.#queued -= spans.length;
          exporter.export(spans, callback);
        },
        forceFlush: () => exporter.forceFlush(),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: batch.queue,
      maxExportBatchSize: batch.size,
      scheduledDelayMillis: batch.delayMs,
      exportTimeoutMillis: NEVER_MS,
    });
  }
}

function createExporter(options: PipelineOptions, diagnostics: SdkDiagnostics, health: CollectorHealth) {
  const { plan, tls, version, counter, clock } = options;
  const userAgent = `finrst/${version}`;
  const takeRejected = () => diagnostics.takeRejected();
  const connections = Array.from({ length: CONNECTIONS }, () =>
    createCollectorConnection({ plan, tls, userAgent, takeRejected }),
  );
  const onResult = (result: SendResult, spans: number) => health.sent(result, spans);
  return new CountingExporter({ connections, timeoutMs: plan.timeoutMs, counter, clock, onResult });
}

function startSdk({ plan, version, instanceId, random }: PipelineOptions, processor: SpanProcessor) {
  const ours = { 'service.name': 'finrst', 'service.version': version, 'service.instance.id': instanceId };
  const sdk = new NodeSDK({
    resource: defaultResource().merge(resourceFromAttributes({ ...ours, ...plan.resource }, { schemaUrl: SCHEMA_URL })),
    autoDetectResources: false, // the detectors put the command line and the owner of the process into every batch
    spanProcessors: [processor],
    sampler: new AlwaysOnSampler(), // what gets here was chosen already
    idGenerator: createIdGenerator(random),
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const tracer = trace.getTracerProvider().getTracer('finrst', version, { schemaUrl: SCHEMA_URL });
  trace.disable();
  context.disable();
  logs.disable();
  return { tracer, shutdown: () => sdk.shutdown() };
}

function makeTrace(tracer: Tracer, { root, children }: TraceShape, to: readonly SpanAddress[]): SpanAddress {
  const links = to.map((link): Link => ({ context: { ...link, traceFlags: TraceFlags.SAMPLED } }));
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
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) known[name] = typeof value === 'object' ? [...value] : value;
  }
  return known;
}
