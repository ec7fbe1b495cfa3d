import type { Warned } from '../../domain/events/process-events.ts';
import type { Journal } from './open-journal.ts';

/** Each is a line of the log; the journal's last file and the spans have all of them. */
const NAMED = 20;

/** What people are told at a start about a run that did not stop in order: how many connections died with it, and which. */
export function lastRunWarnings({ lastRunClean, died }: Journal, at: number): readonly Warned[] {
  if (lastRunClean !== false && died.length === 0) return [];
  const message = 'the last run did not stop in order';
  const summary: Warned = { type: 'warned', at, level: 'error', message, fields: { connections: died.length } };
  const named = died.slice(0, NAMED).map((connection): Warned => {
    const { peer, group, connectionId, establishedAt, lastSeenAt, reason, connect } = connection;
    const fields = {
      peer,
      group,
      connection_id: connectionId,
      reason,
      established: new Date(establishedAt).toISOString(),
      last_seen: new Date(lastSeenAt).toISOString(),
      ...(connect && { connect_trace_id: connect.traceId }),
    };
    return { type: 'warned', at, level: 'warn', message: 'a connection ended with the last run', fields };
  });
  return [summary, ...named];
}
