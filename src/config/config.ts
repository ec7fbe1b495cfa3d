import type { GlobalSettings } from '../settings/global-settings.ts';
import type { GroupSettings } from '../settings/peer-group.ts';
import type { WrittenLines } from '../settings/setting-places.ts';
import type { TraceSettings } from '../settings/trace-settings.ts';
import type { FileProblem } from '../text/file-problem.ts';

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
  /** The first 12 digits of what `sha256sum` prints for the bytes of the file. */
  readonly sha256: string;
  /** As it was named; empty: there is none. */
  readonly file: string;
  /** Where the keys of `global` stand in it. */
  readonly globalLines: WrittenLines;
};

export type ConfigResult =
  | { readonly kind: 'loaded'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly FileProblem[] };
