import type { DiedConnection } from '../../domain/lost-connection.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import type { Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import { pathAttributes, serverAttributes } from './network-attributes.ts';
import type { SpanAttributes, TraceShape } from './trace-shape.ts';

/** A connection that ended, as one `connection` span from established to ended. */
export function describeConnection(event: Disconnected | LocalClosed): TraceShape {
  const disconnect = event.type === 'disconnected' ? event : null;
  const abnormal = disconnect !== null && isAbnormal(disconnect.class);
  return single({
    ...times(event),
    attributes: {
      ...identity(event.peer, event.connectionId),
      ...pathAttributes(event.remote, event.local),
      'finrst.class': disconnect?.class ?? 'local',
      'finrst.reason': event.reason,
      'finrst.errno': disconnect?.errno,
      'finrst.initiator': disconnect === null ? 'self' : disconnect.initiator,
      'error.type': abnormal ? event.reason : undefined,
      'finrst.disconnect.time': disconnect === null ? undefined : new Date(event.at).toISOString(),
      'finrst.connection.duration_s': event.durationMs / 1000,
      'finrst.connection.idle_s': event.idleMs / 1000,
      'finrst.connection.quiet_s': event.quietMs / 1000,
      'finrst.bytes_received': event.receivedBytes,
      'finrst.bytes_sent': event.sentBytes,
      ...kernelAttributes(event),
    },
    ...(abnormal && { error: [disconnect.class, event.reason, disconnect.errno].filter(Boolean).join(' ') }),
  });
}

/**
 * A connection that an earlier run of this process took with it. Our side ended it without meaning to, so its class is
 * `local` and it is an error all the same; it ends at that run's last sign of life, and nothing else is known.
 */
export function describeDied(died: DiedConnection): TraceShape {
  const crashed = died.reason === 'process_died';
  return single({
    startMs: Math.min(died.establishedAt, died.lastSeenAt),
    endMs: died.lastSeenAt,
    attributes: {
      ...identity(died, died.connectionId),
      ...pathAttributes(died.remote, died.local),
      'finrst.class': 'local',
      'finrst.reason': died.reason,
      'finrst.initiator': 'self',
      'error.type': crashed ? died.reason : undefined,
      'finrst.connection.duration_s': Math.max(0, died.lastSeenAt - died.establishedAt) / 1000,
    },
    ...(crashed && { error: 'the process died and took the connection with it; the end is its last sign of life' }),
  });
}

function single(root: Pick<TraceShape['root'], 'startMs' | 'endMs' | 'attributes' | 'error'>): TraceShape {
  return { root: { name: 'connection', kind: 'internal', ...root }, children: [] };
}

/** Where the wall clock was set back in between, the end stands and the monotonic length gives the start. */
function times({ establishedAt, at, durationMs }: Disconnected | LocalClosed) {
  return { startMs: establishedAt <= at ? establishedAt : at - durationMs, endMs: at };
}

function identity({ group, peer }: { readonly group: string; readonly peer: string }, id: string): SpanAttributes {
  return { ...serverAttributes(peer), 'finrst.group': group, 'finrst.peer': peer, 'finrst.connection.id': id };
}

function kernelAttributes({ tcp }: Disconnected | LocalClosed): SpanAttributes {
  if (tcp === undefined) return {};
  return {
    'finrst.tcp.rtt_s': tcp.rttMs / 1000,
    'finrst.tcp.retransmits': tcp.totalRetransmits,
    'finrst.tcp.unacked_bytes': tcp.unackedBytes,
  };
}
