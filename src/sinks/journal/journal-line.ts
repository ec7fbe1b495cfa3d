import type { ProcessEvent } from '../../domain/events/process-events.ts';
import type { ConnectionEvent, TraceRef } from '../../domain/events/connection-events.ts';
import { connectedFields, connectFailedFields, endedFields } from '../event-fields.ts';
import { formatLine, type LineFields } from '../log/line-format.ts';

/**
 * The line of the journal about this event, without its newline; null for scrapes, which are no history. `time` is RFC 3339
 * in UTC; the fields are those of the log, with `span_id` beside `trace_id`.
 */
export function journalLine(event: ConnectionEvent | ProcessEvent): string | null {
  const fields = fieldsOf(event);
  return fields === null ? null : formatJournalLine(event.at, fields);
}

/** A line of the journal about itself. */
export function formatJournalLine(at: number, fields: LineFields): string {
  return formatLine('json', { time: new Date(at).toISOString(), ...fields });
}

function fieldsOf(event: ConnectionEvent | ProcessEvent): LineFields | null {
  switch (event.type) {
    case 'connected':
      return { type: 'connected', ...connectedFields(event), span_id: spanId(event.trace) };
    case 'connectFailed':
      return { type: 'connect_failed', ...connectFailedFields(event), span_id: spanId(event.trace) };
    case 'disconnected':
      return { type: 'disconnected', ...endedFields(event), span_id: spanId(event.trace) };
    case 'localClosed':
      return { type: 'local_closed', ...endedFields(event), span_id: spanId(event.trace) };
    case 'started':
      return { type: 'started', version: event.version, node_version: event.nodeVersion, peers: event.peers };
    case 'stopping':
      return { type: 'stopping', signal: event.signal };
    case 'stopped':
      return { type: 'stopped', exit_code: event.exitCode };
    case 'reloadSucceeded': {
      const { added, changed, removed, unchanged } = event;
      return { type: 'reloaded', added, changed, removed, unchanged };
    }
    case 'reloadFailed':
      return { type: 'reload_failed', problems: event.problems.join('; ') };
    case 'warned':
      return { type: 'warning', level: event.level, message: event.message, ...event.fields };
    case 'scraped':
      return null;
  }
}

function spanId(trace: TraceRef | undefined): string | undefined {
  return trace?.recorded === true ? trace.spanId : undefined;
}
