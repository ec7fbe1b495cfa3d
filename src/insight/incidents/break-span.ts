import { endedConnection } from '../../domain/ended-connection.ts';
import type { Disconnected } from '../../domain/events/connection-events.ts';
import type { ObservedEnded } from '../../domain/events/observed-events.ts';

/** When a connection can have broken: wall-clock milliseconds, `from` at most `to`. */
export type BreakSpan = {
  readonly from: number;
  readonly to: number;
  /** `from` is no sign of life that was seen, but a bound that was chosen. */
  readonly isAssumed?: true;
};

/**
 * When the connection of this end can have broken. What the peer sent while nothing of ours was under way tells the moment.
 * All else was found out later: the connection broke between the last sign of life on the wire and the end.
 */
export function breakSpan(event: Disconnected): BreakSpan {
  const { at } = event;
  return { from: isMoment(event) ? at : at - endedConnection(event).unheardMs, to: at };
}

/**
 * Nobody sees the packets of an application's connection, and its keepalive is its own. That of Finrst's default finds a dead
 * peer 60 to 90 s after its last packet.
 */
const UNSEEN_MS = 90_000;

/** The same of a connection of another process: it broke in its time, and not long before it was found. A reset is taken as the moment. */
export function observedBreakSpan({ at, reason, durationMs }: ObservedEnded): BreakSpan {
  if (reason === 'fin' || reason === 'reset' || reason === 'aborted') return { from: at, to: at };
  return { from: at - Math.min(durationMs ?? UNSEEN_MS, UNSEEN_MS), to: at, isAssumed: true };
}

function isMoment(event: Disconnected): boolean {
  switch (event.reason) {
    case 'fin':
    case 'close_notify':
    case 'goodbye':
    case 'aborted':
    case 'tls_truncated':
    case 'tls_alert':
    case 'tls_error':
      return true;
    case 'reset':
      return endedConnection(event).met === 'unasked';
    case 'keepalive_timeout':
    case 'retransmit_timeout':
    case 'timeout':
    case 'host_unreachable':
    case 'network_unreachable':
    case 'port_unreachable':
    case 'prohibited':
    case 'local_resource':
    case 'protocol':
    case 'other':
    case 'no_data':
    case 'no_reply':
    case 'write_stalled':
      return false;
  }
}
