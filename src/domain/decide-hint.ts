import type { EndedConnection } from './ended-connection.ts';
import type { Disconnected } from './events/connection-events.ts';
import { isNear } from './find-limit.ts';
import type { Hint } from './hint.ts';
import type { Limit, LimitRange } from './limit.ts';
import { NOTABLE_STALL_MS } from './notable-stall.ts';
import { stalledBy } from './stalled-by.ts';

/**
 * The hint that needs nothing but the end itself and what happened on this host; null: one of the others may apply.
 *
 * @param dropped how many packets this host dropped meanwhile, where that suffices for so many unanswered ones; else 0. Asked at most once: what explains one end explains no other
 */
export function ownHint(event: Disconnected, dropped: (lost: number) => number): Hint | null {
  const { stalledMs = 0, announced } = event;
  if (stalledMs >= NOTABLE_STALL_MS && isOfTiming(event)) return { name: 'own_stall', stalledMs };
  const lost = (event.tcp?.pendingProbes ?? 0) + (event.tcp?.pendingRetransmits ?? 0);
  const packets = isUnacknowledged(event) ? dropped(Math.max(1, lost)) : 0;
  if (packets > 0) return { name: 'host_drops', dropped: packets };
  return announced === undefined ? null : { name: 'announced' };
}

/** The hint by the limit that the ends of the group show, where this end is one of them; else by what was unanswered. */
export function limitHint(event: Disconnected, end: EndedConnection, limit: Limit | null): Hint | null {
  if (limit !== null && shows(end, limit)) {
    return limit.kind === 'age' ? { name: 'age_limit', limit } : { name: 'idle_limit', limit };
  }
  if (isUnacknowledged(event)) return { name: 'path_dead' };
  if (event.tcp === undefined) return null;
  if (event.reason === 'no_reply' || event.stalledBy === 'peer') return { name: 'frozen_peer' };
  return event.reason === 'no_data' ? { name: 'peer_silent' } : null;
}

function shows(end: EndedConnection, limit: Limit): boolean {
  switch (limit.kind) {
    case 'silence':
      return end.met === 'unasked' && (isIn(limit.packets, end.packetsMs) || isIn(limit.payload, end.payloadMs));
    case 'age':
      return end.met === 'unasked' && isIn(limit.age, end.ageMs);
    case 'silenceAtMost':
      return end.met === 'provoked';
  }
}

function isIn(range: LimitRange | null, length: number | null): boolean {
  return range !== null && length !== null && isNear(range.leastMs, length) && isNear(range.mostMs, length);
}

/** Our own deadlines, and what a peer can do because we were late. A path that dies does not wait for us. */
function isOfTiming({ reason }: Disconnected): boolean {
  switch (reason) {
    case 'no_data':
    case 'no_reply':
    case 'write_stalled':
    case 'protocol':
    case 'fin':
    case 'close_notify':
    case 'goodbye':
    case 'tls_truncated':
    case 'tls_alert':
    case 'reset':
      return true;
    case 'keepalive_timeout':
    case 'retransmit_timeout':
    case 'timeout':
    case 'host_unreachable':
    case 'network_unreachable':
    case 'port_unreachable':
    case 'prohibited':
    case 'aborted':
    case 'local_resource':
    case 'tls_error':
    case 'other':
      return false;
  }
}

/** Whether bytes or probes of ours went unacknowledged until the connection was given up. */
function isUnacknowledged({ reason, tcp, stalledBy: stall }: Disconnected): boolean {
  switch (reason) {
    case 'keepalive_timeout':
    case 'retransmit_timeout':
    case 'timeout':
      return true;
    case 'write_stalled':
      return stall === 'path';
    case 'no_data':
      return tcp !== undefined && stalledBy(tcp) === 'path';
    case 'no_reply':
    case 'host_unreachable':
    case 'network_unreachable':
    case 'port_unreachable':
    case 'prohibited':
      return tcp !== undefined && tcp.outstandingBytes > 0;
    case 'fin':
    case 'close_notify':
    case 'goodbye':
    case 'reset':
    case 'aborted':
    case 'local_resource':
    case 'tls_truncated':
    case 'tls_alert':
    case 'tls_error':
    case 'protocol':
    case 'other':
      return false;
  }
}
