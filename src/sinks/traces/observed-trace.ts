import { initiatorOf, type ErrorReason } from '../../domain/disconnect.ts';
import type { ObservedEnded } from '../../domain/events/observed-events.ts';
import { observedConnectionId } from '../../domain/observed/observed-connection-id.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';
import { pathAttributes, peerAttributes } from './network-attributes.ts';
import type { TraceShape } from './trace-shape.ts';

/**
 * A connection of another process that broke, as one `connection` span from established to its end. Of one that is older than
 * Finrst's look at it the beginning is not known: its span has no length.
 */
export function describeObserved(event: ObservedEnded, reason: ErrorReason): TraceShape {
  const { at, peer, connection, errno, durationMs } = event;
  const { remote, local, owner } = connection;
  return {
    root: {
      name: 'connection',
      kind: 'internal',
      startMs: at - (durationMs ?? 0),
      endMs: at,
      attributes: {
        ...peerAttributes(peer),
        'finrst.observed': true,
        'finrst.connection.id': observedConnectionId(connection),
        ...pathAttributes(remote, local),
        'process.pid': owner?.pid,
        'process.executable.name': owner?.executable ?? undefined,
        ...podAttributes(owner?.pod ?? null),
        'finrst.class': 'error',
        'finrst.reason': reason,
        'finrst.errno': errno,
        'finrst.initiator': initiatorOf(reason),
        'error.type': reason,
        'finrst.disconnect.time': timestamp(at),
        'finrst.connection.duration_s': durationMs === undefined ? undefined : toSeconds(durationMs),
      },
      error: ['error', reason, errno].filter(Boolean).join(' '),
    },
    children: [],
  };
}

/** `pod`: `namespace/name`, or the uid; null: it is in none. */
function podAttributes(pod: string | null): Readonly<Record<string, string>> {
  if (pod === null) return {};
  const [namespace = '', name] = pod.split('/');
  return name === undefined ? { 'k8s.pod.uid': pod } : { 'k8s.namespace.name': namespace, 'k8s.pod.name': name };
}
