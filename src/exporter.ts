import type { Clock } from './clock/clock.ts';
import type { ConfigResult, Config } from './config/config.ts';
import type { Sink } from './events/bus.ts';

export type ExporterOptions = {
  readonly config: Config;
  /** Reads the configuration again; called by reload. Throws never: an unreadable file is a problem like any other. */
  readonly load: () => ConfigResult;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  /** Where people read what happened: the log, the terminal of `watch`. Metrics, recent events and spans are built in. */
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Null: no port is opened (`watch`). */
  readonly web: WebSettings | null;
};

export type WebSettings = {
  /** `:10346`, `127.0.0.1:10346`, `[::1]:10346`. */
  readonly listenAddresses: readonly string[];
  /** Prometheus exporter-toolkit web configuration; null: none. */
  readonly webConfigFile: string | null;
  readonly telemetryPath: string;
  readonly externalUrl: string | null;
  readonly routePrefix: string;
  readonly enableLifecycle: boolean;
};

export type ReloadResult =
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export type Exporter = {
  /** Opens the ports, then begins to connect. Resolves with the addresses that are listened on. Rejects when a port cannot be opened. */
  start(): Promise<readonly string[]>;
  /** Loads the configuration again and applies the difference. A bad file changes nothing. */
  reload(): ReloadResult;
  /** Half-closes every connection, drains until the peers' FIN (at most 2 s or the deadline), flushes spans, closes the ports. */
  stop(signal: string, timeoutMs: number): Promise<void>;
};
