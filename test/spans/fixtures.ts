import type { ServerOptions } from 'node:https';

import { onTestFinished } from 'vitest';

import { systemClock } from '../../src/clock/system-clock.ts';
import type { Warned } from '../../src/domain/events/process-events.ts';
import { createTraces, type Traces } from '../../src/sinks/traces/create-traces.ts';
import type { TracesOptions } from '../../src/sinks/traces/traces-options.ts';
import { DEFAULT_TRACE_SETTINGS } from '../../src/settings/trace-settings.ts';
import { readFile } from '../support/read-file.ts';
import { startOtlpSink, type OtlpSink, type SinkBehaviour } from '../support/otlp-sink.ts';

export type Recorded = { readonly traces: Traces; readonly warnings: readonly Warned[] };

/** Spans to `url`, without a rate limit unless the test is about it. Ended with the test. */
export async function tracesTo(url: string, options: Partial<TracesOptions> = {}): Promise<Recorded> {
  const warnings: Warned[] = [];
  const traces = await createTraces({
    settings: { ...DEFAULT_TRACE_SETTINGS, endpoint: url },
    env: {},
    readFile,
    clock: systemClock,
    random: Math.random,
    build: { version: '1.2.3' },
    publish: (event) => warnings.push(event),
    rates: null,
    ...options,
  });
  onTestFinished(async () => void (await traces.shutdown(0)));
  return { traces, warnings };
}

export async function otlpSink(behaviour?: SinkBehaviour, tls?: ServerOptions): Promise<OtlpSink> {
  const sink = await startOtlpSink(behaviour, tls);
  onTestFinished(() => sink.close());
  return sink;
}

/** exported + failed + dropped + suppressed. */
export function settledSpans(traces: Traces): number {
  return Object.values(traces.counts()).reduce((sum, count) => sum + count, 0);
}
