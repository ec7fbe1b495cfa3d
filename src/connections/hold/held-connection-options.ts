import type { Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import type { Link } from '../link/link.ts';

/** What a held connection needs of what all peers share. */
export type HeldContext = Pick<
  RunnerContext,
  'clock' | 'random' | 'emit' | 'stalls' | 'traffic' | 'wheel' | 'ends' | 'watchCertificate'
>;

/** Whoever holds the connection. Functions made for it would be memory of every peer. */
export type ConnectionHolder = {
  /** As it is now: a reload may have changed its target labels. */
  readonly peer: PeerRef;
  /**
   * Called once, whatever order end, error, timer and our own decision come in; `endedAt` is when the first of them was
   * noted, monotonic.
   */
  connectionEnded(connectionId: string, event: Disconnected | LocalClosed, endedAt: number): void;
};

export type HeldConnectionOptions = {
  readonly holder: ConnectionHolder;
  readonly connectionId: string;
  readonly link: Link;
  /** The round trip of the first answer; null: none was awaited, or our own event loop was held up meanwhile. */
  readonly firstRttMs: number | null;
  readonly settings: PeerSettings;
  readonly context: HeldContext;
};
