import type {
  AddressTried,
  ConnectFailed,
  Connected,
  ConnectionEvent,
  ConnectTimings,
  Disconnected,
  Explained,
  LocalClosed,
  TraceRef,
} from '../domain/events/connection-events.ts';
import { presentLabels } from '../domain/present-labels.ts';
import { hintEvidence } from './hint-words.ts';
import { disconnectDetail } from './reason-words.ts';
import { formatHostPort } from '../text/host-port.ts';
import type { LineFields } from '../text/line-format.ts';
import { toSeconds } from '../text/seconds.ts';

/** Enough for any balancer, and a line stays a line. */
const TRIED_IN_A_LINE = 16;

/** What each event of a connection is called in lines, files and answers. */
export const CONNECTION_EVENT_NAMES = {
  connected: 'connected',
  connectFailed: 'connect_failed',
  disconnected: 'disconnected',
  localClosed: 'local_closed',
  explained: 'explained',
} as const satisfies Readonly<Record<ConnectionEvent['type'], string>>;

/** One of those names. */
export type ConnectionEventName = (typeof CONNECTION_EVENT_NAMES)[ConnectionEvent['type']];

/** What a line of the log or a JSON object says about an event of a connection. Lengths in seconds; bytes of a peer are in none. */
export function connectionFields(event: ConnectionEvent): LineFields {
  switch (event.type) {
    case 'connected':
      return connectedFields(event);
    case 'connectFailed':
      return connectFailedFields(event);
    case 'disconnected':
    case 'localClosed':
      return endedFields(event);
    case 'explained':
      return explainedFields(event);
  }
}

/** The same as an object that says by itself what it is about: `type` comes first. */
export function connectionObject(event: ConnectionEvent): LineFields {
  return { type: CONNECTION_EVENT_NAMES[event.type], ...connectionFields(event) };
}

function connectFailedFields(event: ConnectFailed): LineFields {
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    labels: presentLabels(event.peer.labels),
    connection_id: event.connectionId,
    phase: event.phase,
    reason: event.reason,
    goodbye: event.goodbye,
    goodbye_code: event.goodbyeCode,
    errno: event.errno,
    detail: event.detail,
    address: event.tried.at(-1)?.address,
    tried: triedAddresses(event.tried),
    duration_s: toSeconds(event.timings.totalMs),
    failures: event.failuresInARow,
    retry_in_s: toSeconds(event.retryInMs),
    trace_id: traceId(event.trace),
  };
}

/**
 * Each address with how it went, `192.0.2.7:ETIMEDOUT,[2001:db8::7]:connected,192.0.2.8:abandoned`: where more than one was
 * tried, at most 16, then `+N` for the others.
 */
export function triedAddresses(tried: readonly AddressTried[]): string | undefined {
  if (tried.length < 2) return undefined;
  const shown = tried.slice(0, TRIED_IN_A_LINE).map(({ address, errno, abandoned }) => {
    const outcome = errno ?? (abandoned === true ? 'abandoned' : 'connected');
    return `${address.includes(':') ? `[${address}]` : address}:${outcome}`;
  });
  const more = tried.length - shown.length;
  return [...shown, ...(more > 0 ? [`+${more}`] : [])].join(',');
}

/** `failures` and `down_s` are there after an outage. */
function connectedFields(event: Connected): LineFields {
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    labels: presentLabels(event.peer.labels),
    connection_id: event.connectionId,
    address: formatHostPort(event.remote.address, event.remote.port),
    local: formatHostPort(event.local.address, event.local.port),
    tried: triedAddresses(event.tried),
    ...timingFields(event.timings),
    tls: event.tls?.version,
    failures: event.failuresBefore > 0 ? event.failuresBefore : undefined,
    down_s: optionalSeconds(event.downtimeMs),
    trace_id: traceId(event.trace),
  };
}

/** A local close has no class. */
function endedFields(event: Disconnected | LocalClosed): LineFields {
  const disconnect = event.type === 'disconnected' ? event : undefined;
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    labels: presentLabels(event.peer.labels),
    connection_id: event.connectionId,
    class: disconnect?.class,
    reason: event.reason,
    goodbye: disconnect?.goodbye,
    goodbye_code: disconnect?.goodbyeCode,
    errno: disconnect?.errno,
    detail: disconnect && disconnectDetail(disconnect),
    initiator: disconnect?.initiator,
    announced: disconnect?.announced,
    hint: disconnect?.hint?.name,
    hint_detail: disconnect && hintEvidence(disconnect),
    address: formatHostPort(event.remote.address, event.remote.port),
    local: formatHostPort(event.local.address, event.local.port),
    duration_s: toSeconds(event.durationMs),
    idle_s: toSeconds(event.idleMs),
    quiet_s: toSeconds(event.quietMs),
    received_bytes: event.receivedBytes,
    sent_bytes: event.sentBytes,
    retransmits: event.tcp?.totalRetransmits,
    unacked_bytes: event.tcp?.outstandingBytes,
    retry_in_s: optionalSeconds(disconnect?.retryInMs),
    trace_id: traceId(event.trace),
  };
}

function explainedFields(event: Explained): LineFields {
  return {
    peer: event.peer.peer,
    group: event.peer.group,
    labels: presentLabels(event.peer.labels),
    connection_id: event.connectionId,
    class: event.class,
    reason: event.reason,
    by: event.by,
    announced: event.by === 'announced' ? event.announced : undefined,
    incident: event.by === 'incident' ? event.incident : undefined,
  };
}

function timingFields({ totalMs, dnsMs, tcpMs, tlsMs, protocolMs }: ConnectTimings): LineFields {
  return {
    connect_s: toSeconds(totalMs),
    dns_s: optionalSeconds(dnsMs),
    tcp_s: optionalSeconds(tcpMs),
    tls_s: optionalSeconds(tlsMs),
    protocol_s: optionalSeconds(protocolMs),
  };
}

function optionalSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : toSeconds(milliseconds);
}

/** A trace that was not recorded cannot be looked up: naming it would send people to an empty page. */
function traceId(trace: TraceRef | undefined): string | undefined {
  return trace?.recorded === true ? trace.traceId : undefined;
}
