import type { EventQuery } from '../../sinks/status/event-query.ts';
import type { Scraped, Warned } from '../../domain/events/process-events.ts';
import type { ReloadResult } from '../../settings/reload-result.ts';
import type { ScrapeFormat } from '../server/negotiate.ts';

/** What the web server shows and does, handed to it as functions. */
export type WebFunctions = {
  readonly render: (format: ScrapeFormat) => AsyncIterable<string>;
  /** Null when ready, else why not, in one sentence. */
  readonly notReady: () => string | null;
  readonly reload: () => ReloadResult;
  /** The configuration as loaded, masked. */
  readonly configText: () => string;
  /** Objects that JSON can hold, one per peer; read slowly, in slices. */
  readonly peers: () => Iterable<object>;
  /** Newest first. */
  readonly events: (query: EventQuery) => readonly object[];
  readonly publish: (event: Scraped | Warned) => void;
};
