import type { Disconnected, LocalClosed } from './events/connection-events.ts';

/**
 * Who spoke first at the end of a connection. `unasked`: the peer, or a box that speaks for it, while nothing of ours was under
 * way. `provoked`: a packet of ours found the path dead, so the time of the end is that of the packet. `survived`: we ended it,
 * and it had not ended by then. `unclear`: none of the three is known.
 */
export type EndMet = 'unasked' | 'provoked' | 'survived' | 'unclear';

/** What one connection says about limits of time. Milliseconds. */
export type EndedConnection = {
  readonly met: EndMet;
  readonly ageMs: number;
  /** The silence before the packet that met the end. */
  readonly quietMs: number;
  /** From established to the last sign of life: no silence that it survived can be longer. */
  readonly aliveMs: number;
};

/** The kernel stamps packets in ticks of up to this. */
const TICK_MS = 10;

/** `leastKeepaliveMs`: no probe was sent after a shorter silence; null: none at all. */
export function endedConnection(event: Disconnected | LocalClosed, leastKeepaliveMs: number | null): EndedConnection {
  const { durationMs: ageMs, quietMs, tcp } = event;
  const met = event.type === 'localClosed' ? 'survived' : metBy(event, leastKeepaliveMs);
  // A silence that nothing came after is not survived. Where the kernel cannot be asked, answered probes are not known.
  const isKnown = tcp !== undefined && (met === 'provoked' || met === 'survived');
  const aliveMs = isKnown ? Math.max(0, ageMs - tcp.silenceMs) : ageMs;
  return { met, ageMs, quietMs, aliveMs };
}

function metBy(event: Disconnected, leastKeepaliveMs: number | null): EndMet {
  const { tcp, quietMs } = event;
  switch (event.reason) {
    case 'fin':
    case 'close_notify':
    case 'tls_truncated':
      return 'unasked';
    case 'reset': {
      const probed = leastKeepaliveMs !== null && quietMs + TICK_MS >= leastKeepaliveMs;
      return tcp === undefined || tcp.outstandingBytes > 0 || probed ? 'provoked' : 'unasked';
    }
    case 'keepalive_timeout':
    case 'retransmit_timeout':
    case 'timeout':
    case 'host_unreachable':
    case 'network_unreachable':
    case 'port_unreachable':
    case 'prohibited':
      return 'provoked';
    case 'no_data':
      return 'survived';
    case 'no_reply':
      return tcp !== undefined && tcp.outstandingBytes > 0 ? 'provoked' : 'unclear';
    case 'aborted':
    case 'local_resource':
    case 'tls_alert':
    case 'tls_error':
    case 'protocol':
    case 'other':
    case 'write_stalled':
      return 'unclear';
  }
}
