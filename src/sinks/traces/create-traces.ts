import type { DiedConnection } from '../../domain/lost-connection.ts';
import type { Sink } from '../../events/bus.ts';
import type { ConnectionEvent, TraceRef } from '../../domain/events/connection-events.ts';
import { createWarn } from '../../domain/events/create-warn.ts';
import type { Warned } from '../../domain/events/process-events.ts';
import { createInstanceId } from './instance-id.ts';
import { readTlsMaterial } from './read-tls-material.ts';
import { resolveTracing, type TracePlan } from './plan-export.ts';
import { createSpanLedger, type SpanCounts } from './span-ledger.ts';
import type { SpanPipeline } from './span-pipeline.ts';
import { createSpanRecorder } from './span-recorder.ts';
import { createStormControl, STORM_LIMITS, type StormLimits } from './storm-control.ts';
import type { TraceClock } from './trace-clock.ts';
import type { Environment, TraceSettings } from '../../settings/trace-settings.ts';

export type TracesOptions = {
  /** Null: the configuration has no tracing section. The OTEL_* variables may still turn tracing on. */
  readonly settings: TraceSettings | null;
  readonly env: Environment;
  readonly clock: TraceClock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly build: { readonly version: string };
  /** Gets a line for the log when spans stop arriving, arrive again, or a setting cannot be used. */
  readonly publish: (event: Warned) => void;
  /** Null: no storm control, for measurements. */
  readonly storm?: StormLimits | null;
};

export type Traces = {
  /**
   * Makes the spans of this event, or decides not to. Call it once for each such event, before it is published, and put
   * the answer into its `trace` field. Undefined: tracing is off, or the event was sampled away, suppressed or dropped.
   */
  record(event: ConnectionEvent): TraceRef | undefined;
  /** A `connection` span for each connection that an earlier run of the process took with it. */
  recordDied(died: readonly DiedConnection[]): void;
  /** Forgets a peer that is removed. */
  readonly sink: Sink;
  /** What became of spans since the start, over all reloads. */
  counts(): SpanCounts;
  /** Spans called for since the start: the sum of `counts` and those that still wait. */
  made(): number;
  /** Applies a new configuration. What waits is sent the old way in the background; counts go on. Never rejects. */
  reconfigure(settings: TraceSettings | null): Promise<void>;
  /** Sends what waits, for at most `deadlineMs`. `lost`: spans that failed or were dropped meanwhile. Never rejects. */
  shutdown(deadlineMs: number): Promise<{ readonly lost: number }>;
};

/** Spans for the collector of the old configuration get this long. */
const DRAIN_MS = 10_000;

type Running = { readonly pipeline: SpanPipeline; readonly plan: TracePlan; readonly fingerprint: string };

/**
 * Turns events into spans: one short trace per attempt and one per ended connection, linked along the life of a peer (see
 * `createSpanRecorder`). The SDK is loaded only when tracing is on; off, `record` costs a comparison.
 */
export async function createTraces(options: TracesOptions): Promise<Traces> {
  const ledger = createSpanLedger();
  const roads = createRoads(options, ledger);
  const monotonic = () => options.clock.monotonic();
  const recorder = createSpanRecorder({
    ledger,
    storm: options.storm === null ? () => true : createStormControl(options.storm ?? STORM_LIMITS, monotonic),
    emit: (shape, link) => roads.running()?.pipeline.emit(shape, link) ?? null,
  });
  let changing: Promise<void> = Promise.resolve();
  const reconfigure = (settings: TraceSettings | null) => {
    changing = changing
      .then(() => roads.take(settings))
      .then(() => {
        if (roads.running() === null) recorder.clear();
      });
    return changing;
  };
  await reconfigure(options.settings);
  return {
    record(event) {
      const running = roads.running();
      if (running === null) return undefined;
      const address = recorder.record(event, running.plan.samplingRatio);
      return address === null ? undefined : { ...address, recorded: true };
    },
    recordDied(died) {
      if (roads.running() !== null) died.forEach((connection) => recorder.recordDied(connection));
    },
    sink: {
      peer(event) {
        if (event.type === 'peerRemoved') recorder.forget(event.peer.id);
      },
    },
    counts: () => ledger.counts(),
    made: () => ledger.made(),
    reconfigure,
    async shutdown(deadlineMs) {
      const lost = () => ledger.counts().failed + ledger.counts().dropped;
      const before = lost();
      await roads.close(deadlineMs);
      return { lost: lost() - before };
    },
  };
}

/** The pipeline in use, and those of earlier configurations that still send what they have. */
function createRoads(options: TracesOptions, ledger: ReturnType<typeof createSpanLedger>) {
  const { clock, publish, random, env, build } = options;
  const instanceId = createInstanceId(random);
  const old = new Set<SpanPipeline>();
  let running: Running | null = null;
  const warn = createWarn(publish, clock);
  const warnPlainly = (message: string) => warn('warn', message);
  const drain = async (pipeline: SpanPipeline, deadlineMs: number) => {
    old.add(pipeline);
    await pipeline.close(deadlineMs);
    old.delete(pipeline);
  };
  const open = async (plan: TracePlan): Promise<Running | null> => {
    const tls = await readTlsMaterial(plan, warnPlainly);
    const fingerprint = JSON.stringify([plan, tls]);
    if (running?.fingerprint === fingerprint) return running;
    const { createSpanPipeline } = await import('./span-pipeline.ts');
    const { version } = build;
    const pipeline = createSpanPipeline({ plan, tls, version, instanceId, ledger, clock, random, warn });
    return { pipeline, plan, fingerprint };
  };
  return {
    running: () => running,
    async take(settings: TraceSettings | null) {
      const decision = resolveTracing(settings, env);
      decision.warnings.forEach(warnPlainly);
      const next = decision.kind === 'on' ? await open(decision.plan) : null;
      if (next === running) return;
      const before = running;
      running = next;
      if (before !== null) void drain(before.pipeline, DRAIN_MS);
    },
    /** What an event asks for from here on is counted as dropped. */
    async close(deadlineMs: number) {
      const all = [...old, ...(running === null ? [] : [running.pipeline])];
      await Promise.all(all.map((pipeline) => pipeline.close(deadlineMs)));
    },
  };
}
