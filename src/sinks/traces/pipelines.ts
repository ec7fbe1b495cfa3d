import { createWarn, type Warn } from '../../domain/events/create-warn.ts';
import type { TraceSettings } from '../../settings/trace-settings.ts';
import { createInstanceId } from './instance-id.ts';
import { planExport, type TracePlan } from './plan-export.ts';
import { readTlsMaterial } from './read-tls-material.ts';
import type { SpanCounter } from './span-counter.ts';
import type { SpanPipeline } from './span-pipeline.ts';
import type { TracesOptions } from './traces-options.ts';

/** Spans for the collector of the old configuration get this long. */
const DRAIN_MS = 10_000;

type Running = { readonly pipeline: SpanPipeline; readonly plan: TracePlan; readonly fingerprint: string };

/** The pipeline in use, and those of earlier configurations that still send what they have. */
export class Pipelines {
  readonly #options: Omit<TracesOptions, 'settings' | 'rates'>;
  readonly #counter: SpanCounter;
  readonly #warn: Warn;
  readonly #instanceId: string;
  readonly #draining = new Set<SpanPipeline>();
  #running: Running | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: Omit<TracesOptions, 'settings' | 'rates'>, counter: SpanCounter) {
    this.#options = options;
    this.#counter = counter;
    this.#warn = createWarn(options.publish, options.clock);
    this.#instanceId = createInstanceId(options.random);
  }

  /** Null: tracing is off. */
  get running(): Running | null {
    return this.#running;
  }

  /** Opens what these settings ask for, one change after the other; nothing is opened anew where nothing changed. */
  use(settings: TraceSettings | null): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change(settings));
    return this.#changing;
  }

  /** Sends what waits. What an event asks for from here on is counted as dropped. */
  async close(deadlineMs: number): Promise<void> {
    const all = [...this.#draining, ...(this.#running === null ? [] : [this.#running.pipeline])];
    await Promise.all(all.map((pipeline) => pipeline.close(deadlineMs)));
  }

  async #change(settings: TraceSettings | null): Promise<void> {
    const decision = planExport(settings, this.#options.env);
    for (const warning of decision.warnings) this.#warn('warn', warning);
    const next = decision.kind === 'on' ? await this.#open(decision.plan) : null;
    const before = this.#running;
    if (next === before) return;
    this.#running = next;
    if (before !== null) void this.#drain(before.pipeline);
  }

  /** The contents of the TLS files belong to the fingerprint: a reload after a rotation opens a new pipeline. */
  async #open(plan: TracePlan): Promise<Running | null> {
    const { clock, random, build, readFile } = this.#options;
    const tls = await readTlsMaterial(plan, { readFile, warn: (message) => this.#warn('warn', message) });
    const fingerprint = JSON.stringify([plan, tls]);
    if (this.#running?.fingerprint === fingerprint) return this.#running;
    const { SpanPipeline } = await import('./span-pipeline.ts');
    const pipeline = new SpanPipeline({
      plan,
      tls,
      version: build.version,
      instanceId: this.#instanceId,
      counter: this.#counter,
      clock,
      random,
      warn: this.#warn,
    });
    return { pipeline, plan, fingerprint };
  }

  async #drain(pipeline: SpanPipeline): Promise<void> {
    this.#draining.add(pipeline);
    await pipeline.close(DRAIN_MS);
    this.#draining.delete(pipeline);
  }
}
