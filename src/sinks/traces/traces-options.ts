import type { Clock } from '../../clock/clock.ts';
import type { Warned } from '../../domain/events/process-events.ts';
import type { ReadFile } from '../../files/file-content.ts';
import type { Environment, TraceSettings } from '../../settings/trace-settings.ts';
import type { SpanRates } from './span-rate-limit.ts';

export type TracesOptions = {
  /** Null: the configuration has no tracing section. The OTEL_* variables may still turn tracing on. */
  readonly settings: TraceSettings | null;
  readonly env: Environment;
  /** For the PEM files of the collector. */
  readonly readFile: ReadFile;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly build: { readonly version: string };
  /** Gets a line for the log when spans stop arriving, arrive again, or a setting cannot be used. */
  readonly publish: (event: Warned) => void;
  /** Null: no rate limit, for measurements. */
  readonly rates?: SpanRates | null;
};
