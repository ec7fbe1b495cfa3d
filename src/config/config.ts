import type { GlobalSettings } from '../settings/global-settings.ts';
import type { GroupSettings } from '../settings/peer-group.ts';
import type { TraceSettings } from '../settings/trace-settings.ts';

export type { GlobalSettings } from '../settings/global-settings.ts';

/** The configuration as the rest of the code sees it: defaults filled in, every rule checked, nothing left to parse. */
export type Config = {
  readonly global: GlobalSettings;
  /** Null: no `tracing` section. The OTEL_* variables may still turn tracing on. */
  readonly tracing: TraceSettings | null;
  readonly groups: readonly GroupSettings[];
  /** Advice that stops nothing: ports that punish silent clients, more peers than descriptors. One sentence each, with the place. */
  readonly warnings: readonly string[];
  /** The text as loaded with secrets and `heartbeat.send` masked, for `GET /config`. */
  readonly maskedText: string;
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
