import type { LostConnection } from '../../domain/lost-connection.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import type { Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import { hintEvidence } from '../../explanations/hint-words.ts';
import { parseTarget } from '../../text/host-port.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';
import { pathAttributes, peerAttributes } from './network-attributes.ts';
import type { SpanAttributes, TraceShape } from './trace-shape.ts';

/** A connection that ended, as one `connection` span from established to ended. */
export function describeConnection(event: Disconnected | LocalClosed): TraceShape {
  const disconnect = event.type === 'disconnected' ? event : null;
  const abnormal = disconnect !== null && isAbnormal(disconnect.class);
  return single({
    ...times(event),
    attributes: {
      ...peerAttributes(event.peer),
      'finrst.connection.id': event.connectionId,
      ...pathAttributes(event.remote, event.local),
      'finrst.class': disconnect?.class ?? 'local',
      'finrst.reason': event.reason,
      'finrst.goodbye': disconnect?.goodbye,
      'finrst.goodbye.code': disconnect?.goodbyeCode,
      'finrst.errno': disconnect?.errno,
      'finrst.announced': disconnect?.announced,
      'finrst.hint': disconnect?.hint?.name,
      'finrst.hint.detail': disconnect === null ? undefined : hintEvidence(disconnect),
      'finrst.initiator': disconnect === null ? 'self' : disconnect.initiator,
      'error.type': abnormal ? event.reason : undefined,
      'finrst.disconnect.time': disconnect === null ? undefined : timestamp(event.at),
      'finrst.connection.duration_s': toSeconds(event.durationMs),
      'finrst.connection.idle_s': toSeconds(event.idleMs),
      'finrst.connection.quiet_s': toSeconds(event.quietMs),
      'finrst.bytes_received': event.receivedBytes,
      'finrst.bytes_sent': event.sentBytes,
      ...kernelAttributes(event),
    },
    ...(abnormal && { error: [disconnect.class, event.reason, disconnect.errno].filter(Boolean).join(' ') }),
  });
}

/**
 * A connection that an earlier run of this process left without an end. Our side ended it without meaning to, so its class is
 * `local` and it is an error all the same; it ends at that run's last sign of life, and nothing else is known.
 */
export function describeLostConnection(lost: LostConnection): TraceShape {
  const crashed = lost.reason === 'process_died';
  return single({
    startMs: Math.min(lost.establishedAt, lost.lastSeenAt),
    endMs: lost.lastSeenAt,
    attributes: {
      ...peerAttributes({ ...lost, ...hostAndPort(lost.peer) }),
      'finrst.connection.id': lost.connectionId,
      ...pathAttributes(lost.remote, lost.local),
      'finrst.class': 'local',
      'finrst.reason': lost.reason,
      'finrst.initiator': 'self',
      'error.type': crashed ? lost.reason : undefined,
      'finrst.connection.duration_s': toSeconds(Math.max(0, lost.lastSeenAt - lost.establishedAt)),
    },
    ...(crashed && { error: 'the process died and took the connection with it; the end is its last sign of life' }),
  });
}

/** The journal has the target as written. */
function hostAndPort(peer: string): { readonly host: string; readonly port: number } {
  const parsed = parseTarget(peer);
  return parsed.kind === 'target' ? parsed.target : { host: peer, port: 0 };
}

function single(root: Pick<TraceShape['root'], 'startMs' | 'endMs' | 'attributes' | 'error'>): TraceShape {
  return { root: { name: 'connection', kind: 'internal', ...root }, children: [] };
}

/** Where the wall clock was set back in between, the end stands and the monotonic length gives the start. */
function times({ establishedAt, at, durationMs }: Disconnected | LocalClosed) {
  return { startMs: establishedAt <= at ? establishedAt : at - durationMs, endMs: at };
}

function kernelAttributes({ tcp }: Disconnected | LocalClosed): SpanAttributes {
  if (tcp === undefined) return {};
  return {
    'finrst.tcp.rtt_s': toSeconds(tcp.rttMs),
    'finrst.tcp.retransmits': tcp.totalRetransmits,
    'finrst.tcp.unacked_bytes': tcp.outstandingBytes,
  };
}
