import type { Warn } from '../../domain/events/create-warn.ts';
import { presentLabels } from '../../domain/present-labels.ts';
import { timestamp } from '../../text/timestamp.ts';
import type { Journal } from './open-journal.ts';

/** Each is a line of the log; the journal's last file and the spans have all of them. */
const NAMED = 20;

/**
 * Says at a start what a run that did not stop in order took with it: how many connections, and which. Where lines of the
 * journal are missing, only how many.
 */
export function warnOfLastRun({ lastRunClean, lostConnections, lastRunLostLines }: Journal, warn: Warn): void {
  if (lastRunLostLines > 0) return warnOfLostLines(lastRunClean === true, lastRunLostLines, warn);
  if (lastRunClean !== false) return;
  warn('error', 'the last run did not stop in order', { connections: lostConnections.length });
  for (const connection of lostConnections.slice(0, NAMED)) {
    const { peer, group, connectionId, establishedAt, lastSeenAt, reason, connect } = connection;
    const labels = presentLabels(connection.labels);
    warn('warn', 'a connection ended with the last run', {
      peer,
      group,
      ...(labels && { labels }),
      connection_id: connectionId,
      reason,
      established: timestamp(establishedAt),
      last_seen: timestamp(lastSeenAt),
      ...(connect && { connect_trace_id: connect.traceId }),
    });
  }
}

function warnOfLostLines(isClean: boolean, lines: number, warn: Warn): void {
  if (isClean) return warn('warn', 'the journal of the last run is not complete', { lost_lines: lines });
  const message = 'the last run did not stop in order; its journal is not complete, so what ended with it is not known';
  warn('error', message, { lost_lines: lines });
}
