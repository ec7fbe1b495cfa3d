import type { AddressTried, Connected, ConnectFailed } from '../../domain/events/connection-events.ts';
import { tlsAlertName } from '../../domain/tls-alert.ts';
import type { TlsHandshake } from '../../domain/tls-handshake.ts';
import { timestamp } from '../../text/timestamp.ts';
import { pathAttributes, peerAttributes } from './network-attributes.ts';
import type { SpanAttributes, SpanShape, TraceShape } from './trace-shape.ts';

type Attempt = Connected | ConnectFailed;

/** One step of an attempt. Offsets and lengths in ms from its start; `reason` only where the step failed. */
type Step = {
  readonly name: 'dns' | 'tcp_connect' | 'tls_handshake' | 'protocol_handshake';
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly reason?: string | undefined;
  readonly errno?: string | undefined;
  readonly address?: string;
  readonly abandoned?: true;
  readonly attributes?: SpanAttributes;
};

/** Enough for any balancer; a resolver may answer hundreds. */
const MOST_ANSWERS = 16;

/** How many spans `describeConnect` would give, without the work of describing them. */
export function countConnectSpans(event: Attempt): number {
  return 1 + stepsOf(event).length;
}

/**
 * An attempt as a `connect` span with one child for each step that was reached. Lengths are monotonic, laid out from the
 * wall-clock start, so a stepped clock bends no span. An address that failed before another one worked is an error of its
 * child alone: the attempt succeeded.
 */
export function describeConnect(event: Attempt): TraceShape {
  const failed = event.type === 'connectFailed' ? event : null;
  const error = failed && (failed.detail ?? `${failed.phase}: ${failed.reason}`);
  const root: SpanShape = {
    name: 'connect',
    kind: 'client',
    startMs: event.startedAt,
    endMs: event.startedAt + event.timings.totalMs,
    attributes: {
      ...peerAttributes(event.peer),
      // The conventions have a newer name; this is the one that service graphs (Tempo's metrics generator) draw an edge for.
      'peer.service': event.peer.group,
      ...(event.type === 'connected' ? pathAttributes(event.remote, event.local) : failedPath(event)),
      'finrst.connection.id': event.connectionId,
      'error.type': failed?.reason,
      'finrst.phase': failed?.phase,
      'finrst.reason': failed?.reason,
      'finrst.goodbye': failed?.goodbye,
      'finrst.goodbye.code': failed?.goodbyeCode,
      'finrst.errno': failed?.errno,
    },
    ...(error !== null && { error }),
  };
  return { root, children: stepsOf(event).map((step) => describeStep(event, step)) };
}

function describeStep(event: Attempt, step: Step): SpanShape {
  const path = step.address === undefined ? {} : pathAttributes({ address: step.address, port: event.peer.port });
  const startMs = event.startedAt + step.offsetMs;
  return {
    name: step.name,
    kind: 'internal',
    startMs,
    endMs: startMs + step.durationMs,
    attributes: {
      ...peerAttributes(event.peer),
      ...path,
      ...step.attributes,
      'error.type': step.reason,
      'finrst.errno': step.errno,
      'finrst.tls.alert': step.errno === undefined ? undefined : (tlsAlertName(step.errno) ?? undefined),
      // No error: another address connected first.
      'finrst.reason': step.abandoned === true ? 'abandoned' : undefined,
    },
    ...(step.reason !== undefined && { error: step.errno ?? step.reason }),
  };
}

/** The steps that were reached. A step that did not happen has no span: an address in the configuration is not looked up. */
function stepsOf(event: Attempt): readonly Step[] {
  const failed = event.type === 'connectFailed' ? event : null;
  return [
    ...dnsSteps(event, failed),
    ...event.tried.map(tcpStep),
    ...tlsSteps(event, failed),
    ...protocolSteps(event, failed),
  ];
}

function dnsSteps({ timings, peer, resolved }: Attempt, failed: ConnectFailed | null): readonly Step[] {
  const { dnsMs, totalMs } = timings;
  const attributes = { 'dns.question.name': peer.host, 'dns.answers': resolved?.slice(0, MOST_ANSWERS) };
  if (failed?.phase === 'dns') {
    const { reason, errno } = failed;
    return [{ name: 'dns', offsetMs: 0, durationMs: dnsMs ?? totalMs, reason, errno, attributes }];
  }
  return dnsMs === undefined || peer.isLiteral ? [] : [{ name: 'dns', offsetMs: 0, durationMs: dnsMs, attributes }];
}

function tcpStep({ address, startedMs, durationMs, reason, errno, abandoned }: AddressTried): Step {
  const lost = abandoned === true ? { abandoned } : {};
  return { name: 'tcp_connect', offsetMs: startedMs, durationMs, reason, errno, address, ...lost };
}

function tlsSteps({ timings, tls }: Attempt, failed: ConnectFailed | null): readonly Step[] {
  const { tlsStartedMs, tlsMs, totalMs } = timings;
  if (tlsStartedMs === undefined) return [];
  const durationMs = tlsMs ?? totalMs - tlsStartedMs;
  const step = { name: 'tls_handshake', offsetMs: tlsStartedMs, durationMs, attributes: tlsAttributes(tls) } as const;
  const isBroken = failed?.phase === 'tls' && tlsMs === undefined;
  return [isBroken ? { ...step, reason: failed.reason, errno: failed.errno } : step];
}

/** What was agreed on and presented, by the names of the semantic conventions. */
function tlsAttributes(tls: TlsHandshake | undefined): SpanAttributes {
  if (tls === undefined) return {};
  const { version, cipher, isResumed, server } = tls;
  return {
    'tls.protocol.name': 'tls',
    'tls.protocol.version': version?.replace(/^TLSv/, ''),
    'tls.cipher': cipher,
    'tls.resumed': isResumed,
    // A certificate may name its host in the alternative names alone.
    'tls.server.subject': server?.subject === '' ? undefined : server?.subject,
    'tls.server.issuer': server?.issuer,
    'tls.server.not_after': server && timestamp(server.notAfter),
  };
}

/**
 * Whatever failed while the first answer was awaited failed this step: a TLS alert may come in place of an answer. Where a
 * login asks for TLS itself, the part before and the part behind the handshake are a step each.
 */
function protocolSteps({ timings }: Attempt, failed: ConnectFailed | null): readonly Step[] {
  const { protocolStartedMs, protocolMs, tlsStartedMs = -Infinity, tlsMs, totalMs } = timings;
  if (protocolStartedMs === undefined) return [];
  const step = (startMs: number, endMs: number): Step => ({
    name: 'protocol_handshake',
    offsetMs: startMs,
    durationMs: endMs - startMs,
  });
  const outcome = failed === null ? {} : { reason: failed.reason, errno: failed.errno };
  const endMs = (startMs: number) => (failed === null && protocolMs !== undefined ? startMs + protocolMs : totalMs);
  if (tlsStartedMs <= protocolStartedMs) return [{ ...step(protocolStartedMs, endMs(protocolStartedMs)), ...outcome }];
  const before = step(protocolStartedMs, tlsStartedMs);
  if (tlsMs === undefined) return [before];
  return [before, { ...step(tlsStartedMs + tlsMs, endMs(protocolStartedMs + tlsMs)), ...outcome }];
}

/** A failed attempt knows the address it tried last and no local end. */
function failedPath({ peer, tried }: ConnectFailed): SpanAttributes {
  const last = tried.at(-1);
  return pathAttributes(last && { address: last.address, port: peer.port });
}
