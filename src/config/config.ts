import type { MetricDetail, PeerSettings } from '../settings/peer-settings.ts';

/** The configuration as the rest of the house sees it: defaults filled in, every rule checked, nothing left to parse. */
export type Config = {
  readonly global: GlobalSettings;
  /** Null: no `tracing` section. The OTEL_* variables may still turn tracing on. */
  readonly tracing: TracingSettings | null;
  readonly groups: readonly GroupSettings[];
  /** Advice that stops nothing: ports that punish silent clients, more peers than descriptors. One sentence each, with the place. */
  readonly warnings: readonly string[];
  /** The text as loaded with secrets and `heartbeat.send` masked, for `GET /config`. */
  readonly maskedText: string;
};

export type GlobalSettings = {
  readonly maxConnectsPerSecond: number;
  /** 0 = what the descriptor limit allows, less a reserve for the web server. */
  readonly maxConnections: number;
  readonly detail: MetricDetail;
};

export type TracingSettings = {
  /** Base URL; /v1/traces is appended. Null: only the OTEL_* variables can name one. */
  readonly endpoint: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly compression: 'gzip' | 'none';
  readonly timeoutMs: number;
  readonly samplingRatio: number;
};

export type GroupSettings = {
  readonly name: string;
  readonly tls: boolean;
  readonly peers: readonly PeerSettings[];
};

/** One thing wrong, placed. `line` and `column` count from 1; absent when the file could not be read at all. */
export type ConfigProblem = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Says what was found, what was expected and, where it helps, what to do. */
  readonly message: string;
};

export type ConfigResult =
  | { readonly kind: 'loaded'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** `file:line:column: message`, as compilers print it. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${place}: ${problem.message}`;
}
