import type { Warn } from '../../domain/events/create-warn.ts';
import type { Journal } from './open-journal.ts';

/** Each is a line of the log; the journal's last file and the spans have all of them. */
const NAMED = 20;

/** Says at a start what a run that did not stop in order took with it: how many connections, and which. */
export function warnOfLastRun({ lastRunClean, died }: Journal, warn: Warn): void {
  if (lastRunClean !== false && died.length === 0) return;
  warn('error', 'the last run did not stop in order', { connections: died.length });
  for (const connection of died.slice(0, NAMED)) {
    const { peer, group, connectionId, establishedAt, lastSeenAt, reason, connect } = connection;
    warn('warn', 'a connection ended with the last run', {
      peer,
      group,
      connection_id: connectionId,
      reason,
      established: new Date(establishedAt).toISOString(),
      last_seen: new Date(lastSeenAt).toISOString(),
      ...(connect && { connect_trace_id: connect.traceId }),
    });
  }
}
