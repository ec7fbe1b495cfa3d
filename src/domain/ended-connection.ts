import type { Disconnected, LocalClosed } from './events/connection-events.ts';
import { KERNEL_TICK_MS } from './silences.ts';

/**
 * Who spoke first at the end of a connection. `unasked`: the peer, or a box that speaks for it, while nothing of ours was under
 * way. `provoked`: a packet of ours found the path dead, so the time of the end is that of the packet. `survived`: we ended it,
 * and it had not ended by then. `unclear`: none of the three is known.
 */
export type EndMet = 'unasked' | 'provoked' | 'survived' | 'unclear';

/** What one connection says about limits of time. Milliseconds. */
export type EndedConnection = {
  readonly met: EndMet;
  /** When it ended, wall clock. */
  readonly at: number;
  readonly ageMs: number;
  /** The silence of packets before the one that met the end; null: not known, since probes may have passed. */
  readonly packetsMs: number | null;
  /** The silence of payload. */
  readonly payloadMs: number;
  /** From the last sign of life to the end: the path can have gone at any moment of it. */
  readonly unheardMs: number;
};

/** What the end of a connection says. */
export function endedConnection(event: Disconnected | LocalClosed): EndedConnection {
  const { at, durationMs: ageMs, quietMs, payloadQuietMs: payloadMs, tcp } = event;
  const met = event.type === 'localClosed' ? 'survived' : metBy(event);
  return {
    met,
    at,
    ageMs,
    packetsMs: packetsMs(event),
    payloadMs,
    unheardMs: Math.min(ageMs, tcp?.silenceMs ?? quietMs),
  };
}

/** A FIN is a packet itself, so the kernel does not know the one before: after the keepalive's idle time it was a probe. */
function packetsMs(event: Disconnected | LocalClosed): number | null {
  const { quietMs, payloadQuietMs, keepaliveIdleMs } = event;
  if (quietMs < payloadQuietMs || !isOrderly(event)) return quietMs;
  return keepaliveIdleMs === undefined || quietMs + KERNEL_TICK_MS < keepaliveIdleMs ? quietMs : null;
}

function isOrderly({ reason }: Disconnected | LocalClosed): boolean {
  return reason === 'fin' || reason === 'close_notify' || reason === 'goodbye' || reason === 'tls_truncated';
}

function metBy(event: Disconnected): EndMet {
  const { tcp, quietMs, keepaliveIdleMs } = event;
  const isUnderWay = tcp !== undefined && tcp.outstandingBytes > 0;
  switch (event.reason) {
    case 'fin':
    case 'close_notify':
    case 'goodbye':
    case 'tls_truncated':
      // What we had just sent may be what it answers; of a silence that says nothing.
      return isUnderWay ? 'unclear' : 'unasked';
    case 'reset': {
      const isProbed = keepaliveIdleMs !== undefined && quietMs + KERNEL_TICK_MS >= keepaliveIdleMs;
      return tcp === undefined || isUnderWay || isProbed ? 'provoked' : 'unasked';
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
      return isUnderWay ? 'provoked' : 'unclear';
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
