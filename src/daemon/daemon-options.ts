import type { Clock } from '../clock/clock.ts';
import type { PacedWork } from '../clock/paced-work.ts';
import type { Config, ConfigResult } from '../config/config.ts';
import type { Sink } from '../events/bus.ts';
import type { ReadFile } from '../files/file-content.ts';
import type { BuildInfo } from '../settings/build-info.ts';
import type { ReloadResult } from '../settings/reload-result.ts';
import type { ShardSettings } from '../settings/shard-settings.ts';
import type { StartResult } from '../settings/start-result.ts';
import type { WebSettings } from '../settings/web-settings.ts';

/** `only`: nothing is held, groups with `observe` are observed; `off`: nothing is observed, and what is not held does not exist. */
export type ObserveMode = 'on' | 'off' | 'only';

export type DaemonOptions = {
  readonly config: Config;
  /** Reads the configuration again; called by reload. Never rejects: an unreadable file is a problem like any other. */
  readonly load: () => Promise<ConfigResult>;
  /** Reads what the configuration names, off the event loop. */
  readonly readFile: ReadFile;
  /** Where docs/reasons.md lies. */
  readonly docsFolder: string;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  /** Where ends of connections are served; of its own unless given. */
  readonly work?: PacedWork;
  readonly build: BuildInfo;
  /** Of the machine or the pod: what the pages call this process. */
  readonly hostName: string;
  /** `linux`, `darwin`, ...: where the kernel can be asked. */
  readonly platform: string;
  /** The OTEL_* variables are read from here, and UV_THREADPOOL_SIZE. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where people read what happened: the log, the terminal of `watch`. Metrics, recent events and spans are built in. */
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Null: no port is opened (`watch`). */
  readonly web: WebSettings | null;
  /** The journal; null or absent: none is kept. */
  readonly eventsFile?: string | null;
  /** Whether connections of other processes are observed where a group wants it; absent: `off`. */
  readonly observe?: ObserveMode;
  /** Which of several processes that share the peers this one is; null or absent: it holds all of them. */
  readonly shards?: ShardSettings | null;
};

/** Why a reload happens: somebody asked for it (SIGHUP, HTTP), or the file has changed. */
export type ReloadTrigger = 'byHand' | 'fileChanged';

export type Daemon = {
  /** Opens the journal and the ports, then begins to connect. Where it fails, nothing is left open. Call it once. */
  start(): Promise<StartResult>;
  /**
   * Loads the configuration again and applies the difference; resolves when all of it is applied. A bad file changes
   * nothing. While one reload runs, further ones wait and share the next load. Once stopping, nothing is loaded.
   * One that was asked for by hand, as it is where nothing else is given, also starts the reconnect delays over.
   */
  reload(trigger?: ReloadTrigger): Promise<ReloadResult>;
  /**
   * The process is asked to end. Resolves when its connections may be closed: at once, but for a shard that is scaled away,
   * which holds on for at most a minute while the others connect. Then comes `stop`.
   */
  handOver(signal: string): Promise<void>;
  /** Half-closes every connection, drains until the peers' FIN (at most 2 s or the deadline), flushes spans, closes the ports. */
  stop(signal: string, timeoutMs: number): Promise<void>;
};
