import type { TargetLabels } from '../settings/target-labels.ts';
import type { Endpoint } from './events/connection-events.ts';

/**
 * A connection that was established when an earlier run of this process ended without writing down its end. Nobody saw
 * how the peer's side looked: it is no disconnect and no local close, and no counter has it.
 */
export type LostConnection = {
  readonly group: string;
  readonly peer: string;
  /** Its target labels when the connection was established. */
  readonly labels: TargetLabels;
  readonly connectionId: string;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Wall-clock time it was established. */
  readonly establishedAt: number;
  /** The last sign of life of that run, wall clock: the connection lived at least until then. */
  readonly lastSeenAt: number;
  /** `shutdown` when that run had begun to stop, else `process_died`: a crash, a kill, a power cut. */
  readonly reason: 'process_died' | 'shutdown';
  /** The span of its connect, where that was recorded. */
  readonly connect?: { readonly traceId: string; readonly spanId: string };
};
