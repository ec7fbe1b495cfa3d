import { classifyTcpFailure } from '../../domain/classify-connect-failure.ts';
import type { Connected, ConnectFailed } from '../../domain/events/connection-events.ts';
import { pathAttributes, serverAttributes } from './network-attributes.ts';
import type { SpanAttributes, SpanShape, TraceShape } from './trace-shape.ts';

type Attempt = Connected | ConnectFailed;

/** One step of an attempt. Offsets and lengths in ms from its start; `reason` only where the step failed. */
type Step = {
  readonly name: 'dns' | 'tcp_connect' | 'tls_handshake';
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly reason?: string | undefined;
  readonly errno?: string | undefined;
  readonly address?: string;
};

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
      ...common(event),
      ...(event.type === 'connected' ? pathAttributes(event.remote, event.local) : failedPath(event)),
      'finrst.connection.id': event.connectionId,
      'error.type': failed?.reason,
      'finrst.phase': failed?.phase,
      'finrst.reason': failed?.reason,
      'finrst.errno': failed?.errno,
    },
    ...(error !== null && { error }),
  };
  return { root, children: stepsOf(event).map((step) => describeStep(event, step)) };
}

function describeStep(event: Attempt, step: Step): SpanShape {
  const port = serverAttributes(event.peer.peer)['server.port'];
  const path =
    step.address === undefined
      ? {}
      : pathAttributes({ address: step.address, port: typeof port === 'number' ? port : 0 });
  const startMs = event.startedAt + step.offsetMs;
  return {
    name: step.name,
    kind: 'internal',
    startMs,
    endMs: startMs + step.durationMs,
    attributes: { ...common(event), ...path, 'error.type': step.reason, 'finrst.errno': step.errno },
    ...(step.reason !== undefined && { error: step.errno ?? step.reason }),
  };
}

function stepsOf(event: Attempt): readonly Step[] {
  const { timings, tried } = event;
  const failed = event.type === 'connectFailed' ? event : null;
  const reasonIn = (phase: ConnectFailed['phase']) => (failed?.phase === phase ? failed.reason : undefined);
  const steps: Step[] = [];
  const dnsReason = reasonIn('dns');
  if ((timings.dnsMs !== undefined && !isLiteral(event)) || dnsReason !== undefined) {
    const durationMs = timings.dnsMs ?? timings.totalMs;
    steps.push({ name: 'dns', offsetMs: 0, durationMs, reason: dnsReason, errno: dnsReason && failed?.errno });
  }
  for (const [index, { address, startedMs, durationMs, errno }] of tried.entries()) {
    const own = errno === undefined ? undefined : classifyTcpFailure(errno).reason;
    const reason = index === tried.length - 1 ? (reasonIn('tcp') ?? own) : own;
    steps.push({ name: 'tcp_connect', offsetMs: startedMs, durationMs, reason, errno, address });
  }
  const tlsReason = reasonIn('tls');
  if (timings.tlsMs !== undefined || tlsReason !== undefined) {
    const last = tried.at(-1);
    const offsetMs = last ? last.startedMs + last.durationMs : (timings.dnsMs ?? 0) + (timings.tcpMs ?? 0);
    const durationMs = timings.tlsMs ?? Math.max(0, timings.totalMs - offsetMs);
    steps.push({ name: 'tls_handshake', offsetMs, durationMs, reason: tlsReason, errno: tlsReason && failed?.errno });
  }
  return steps;
}

/** An address in the configuration is looked up nowhere, and a step that did not happen has no span. */
function isLiteral({ peer }: Attempt): boolean {
  return /^(?:\[.*\]|[\d.]+):\d+$/.test(peer.peer);
}

function common({ peer }: Attempt): SpanAttributes {
  return { ...serverAttributes(peer.peer), 'finrst.group': peer.group, 'finrst.peer': peer.peer };
}

/** A failed attempt knows the address it tried last and no local end. */
function failedPath({ peer, tried }: ConnectFailed): SpanAttributes {
  const last = tried.at(-1);
  const port = serverAttributes(peer.peer)['server.port'];
  if (last === undefined || typeof port !== 'number') return pathAttributes(undefined);
  return pathAttributes({ address: last.address, port });
}
