/** What the daemon itself does: start, stop, reloads, scrapes, and its own trouble. */
export type ProcessEvent = ReloadSucceeded | ReloadFailed | Scraped | Warned | Started | Stopping | Stopped;

export type ReloadSucceeded = {
  readonly type: 'reloadSucceeded';
  readonly at: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
};

export type ReloadFailed = { readonly type: 'reloadFailed'; readonly at: number; readonly problems: readonly string[] };

export type ScrapeOutcome = 'ok' | 'aborted' | 'rejected';

export type Scraped = { readonly type: 'scraped'; readonly at: number; readonly outcome: ScrapeOutcome };

/** Our own trouble or advice, for the log. `level` error: something of ours does not work. */
export type Warned = {
  readonly type: 'warned';
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, string | number>>;
};

export type Started = {
  readonly type: 'started';
  readonly at: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly peers: number;
  readonly kernelEvidence: boolean;
  readonly listening: readonly string[];
};

export type Stopping = { readonly type: 'stopping'; readonly at: number; readonly signal: string };

export type Stopped = { readonly type: 'stopped'; readonly at: number; readonly exitCode: number };
