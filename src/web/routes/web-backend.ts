import type { Pace } from '../../clock/turn-slices.ts';
import type { Scraped, Warned } from '../../domain/events/process-events.ts';
import type { ReloadResult } from '../../settings/reload-result.ts';
import type { EventQuery } from '../../sinks/status/event-query.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';

/** What the web server reads from the daemon and asks of it. */
export type WebBackend = {
  /** The exposition in pieces, made while they are read and as the pace allows. */
  readonly render: (format: ExpositionFormat, pace: Pace) => AsyncIterable<string>;
  /** Null when ready, else why not, in one sentence. */
  readonly notReady: () => string | null;
  /** Resolves when the whole configuration is applied, or was refused. */
  readonly reload: () => Promise<ReloadResult>;
  /** The configuration as loaded, masked. */
  readonly configText: () => string;
  /** Every peer, made while they are read. */
  readonly peers: () => Iterable<PeerStatus>;
  /** Each as JSON text, the newest first, found while they are read. */
  readonly events: (query: EventQuery) => Iterable<string>;
  readonly publish: (event: Scraped | Warned) => void;
};
