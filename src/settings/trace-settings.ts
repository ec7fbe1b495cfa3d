/** What the configuration says about tracing; the OTEL_* variables may say otherwise and win. */
export type TraceSettings = {
  /** Base URL; /v1/traces is appended. Null: only the variables can name one. */
  readonly endpoint: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly compression: 'gzip' | 'none';
  readonly timeoutMs: number;
  /** Share of clean ends and connects that are recorded; abnormal ends and recoveries always are. */
  readonly samplingRatio: number;
};

/** The process environment, handed down by main. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a section without keys means. */
export const DEFAULT_TRACE_SETTINGS: TraceSettings = {
  endpoint: null,
  headers: {},
  caFile: null,
  certFile: null,
  keyFile: null,
  compression: 'gzip',
  timeoutMs: 10_000,
  samplingRatio: 1,
};
