import type { TargetLabels } from '../../settings/target-labels.ts';

/** What the daemon itself does: start, stop, reloads, scrapes, and its own trouble. */
export type ProcessEvent =
  | ReloadSucceeded
  | ReloadFailed
  | Scraped
  | StreamEnded
  | Warned
  | Started
  | ShardsChanged
  | HandingOver
  | Stopping
  | Stopped;

/**
 * A reload was applied: the peers of the new configuration are known, its other settings are in use. The counts are of
 * peers; `configSha256` has the first 12 digits of the sha256 of the configuration file.
 */
export type ReloadSucceeded = {
  readonly type: 'reloadSucceeded';
  readonly at: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly configSha256: string;
};

/** A reload found problems and changed nothing. */
export type ReloadFailed = { readonly type: 'reloadFailed'; readonly at: number; readonly problems: readonly string[] };

/** `aborted`: the scraper went away or was too slow; `rejected`: too many scrapes at once. */
export type ScrapeOutcome = 'ok' | 'aborted' | 'rejected';

/** A scrape of the metrics is over. */
export type Scraped = { readonly type: 'scraped'; readonly at: number; readonly outcome: ScrapeOutcome };

/** `closed`: the reader went away, or we stop; `slow`: it was too far behind; `rejected`: too many streams at once. */
export type StreamOutcome = 'closed' | 'slow' | 'rejected';

/** A stream of events is over. */
export type StreamEnded = { readonly type: 'streamEnded'; readonly at: number; readonly outcome: StreamOutcome };

/** Our own trouble or advice, for the log. Emitted when it is noticed; what repeats is thinned by who notices it. `level` error: something of ours does not work. */
export type Warned = {
  readonly type: 'warned';
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
  /** `labels` are target labels; all else is one value. */
  readonly fields?: Readonly<Record<string, string | number | TargetLabels>>;
};

/** The ports are open and the peers known; connecting begins now. Emitted once. */
export type Started = {
  readonly type: 'started';
  readonly at: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly peers: number;
  readonly kernelEvidence: boolean;
  readonly listening: readonly string[];
};

/** How many shards there are, or are to be, is known anew. Emitted at the first time, too. Never where the process is no shard. */
export type ShardsChanged = {
  readonly type: 'shardsChanged';
  readonly at: number;
  /** Of this process; none of 0 to `wanted` - 1: it is not wanted any more. */
  readonly ordinal: number;
  /** The number that decides which peers this process holds. */
  readonly total: number;
  readonly wanted: number;
  /** Its share of the peers is another one than before. */
  readonly isReshard: boolean;
  /** It holds what it has until it is asked to end, and begins no attempt. */
  readonly isScaledAway: boolean;
};

/** The process is asked to end and scaled away: it holds on for so long, while other shards connect to its peers. */
export type HandingOver = {
  readonly type: 'handingOver';
  readonly at: number;
  readonly held: number;
  readonly forMs: number;
};

/** A signal, or the end of `--for`, asked the process to end. Emitted once, before any connection is closed for it. */
export type Stopping = { readonly type: 'stopping'; readonly at: number; readonly signal: string };

/** Every connection has ended and spans were flushed. Emitted once, the last event of a run that ends in order. */
export type Stopped = { readonly type: 'stopped'; readonly at: number; readonly exitCode: number };
