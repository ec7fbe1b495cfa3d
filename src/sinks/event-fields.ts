import type {
  ConnectFailed,
  Connected,
  ConnectTimings,
  Disconnected,
  Endpoint,
  LocalClosed,
  TraceRef,
} from '../domain/events/connection-events.ts';
import type { LineFields } from './log/line-format.ts';
import { formatHostPort } from '../text/host-port.ts';

/** What a line or a JSON object says about an attempt that failed. Lengths in seconds, to the millisecond. */
export function connectFailedFields(event: ConnectFailed): LineFields {
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    connection_id: event.connectionId,
    phase: event.phase,
    reason: event.reason,
    errno: event.errno,
    detail: event.detail,
    address: event.tried.at(-1)?.address,
    duration_s: seconds(event.timings.totalMs),
    failures: event.failuresInARow,
    retry_in_s: seconds(event.retryInMs),
    trace_id: traceId(event.trace),
  };
}

/** What a line or a JSON object says about an established connection; `failures` and `down_s` tell of a recovery. */
export function connectedFields(event: Connected): LineFields {
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    connection_id: event.connectionId,
    address: endpoint(event.remote),
    local: endpoint(event.local),
    ...timings(event.timings),
    tls: event.tlsVersion,
    failures: event.failuresBefore > 0 ? event.failuresBefore : undefined,
    down_s: event.downtimeMs === undefined ? undefined : seconds(event.downtimeMs),
    trace_id: traceId(event.trace),
  };
}

/** What a line or a JSON object says about a connection that ended. A local close has no class. */
export function endedFields(event: Disconnected | LocalClosed): LineFields {
  const disconnect = event.type === 'disconnected' ? event : undefined;
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    connection_id: event.connectionId,
    class: disconnect?.class,
    reason: event.reason,
    errno: disconnect?.errno,
    initiator: disconnect?.initiator,
    address: endpoint(event.remote),
    local: endpoint(event.local),
    duration_s: seconds(event.durationMs),
    idle_s: seconds(event.idleMs),
    quiet_s: seconds(event.quietMs),
    received_bytes: event.receivedBytes,
    sent_bytes: event.sentBytes,
    retransmits: event.tcp?.totalRetransmits,
    unacked_bytes: event.tcp?.unackedBytes,
    retry_in_s: disconnect?.retryInMs === undefined ? undefined : seconds(disconnect.retryInMs),
    trace_id: traceId(event.trace),
  };
}

/** Milliseconds as seconds, to the millisecond. */
export function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

/** `192.0.2.7:6379`, `[2001:db8::7]:6379`. */
export function endpoint({ address, port }: Endpoint): string {
  return formatHostPort(address, port);
}

function timings(of: ConnectTimings): LineFields {
  const part = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : seconds(milliseconds));
  return {
    connect_s: seconds(of.totalMs),
    dns_s: part(of.dnsMs),
    tcp_s: part(of.tcpMs),
    tls_s: part(of.tlsMs),
    protocol_s: part(of.protocolMs),
  };
}

/** A trace that was not recorded cannot be looked up: naming it would send people to an empty page. */
function traceId(trace: TraceRef | undefined): string | undefined {
  return trace?.recorded === true ? trace.traceId : undefined;
}
