import type { ConnectionEvent, TraceRef } from '../../domain/events/connection-events.ts';
import type { ProcessEvent } from '../../domain/events/process-events.ts';
import { connectionObject } from '../../explanations/connection-fields.ts';
import { formatLine, type LineFields } from '../../text/line-format.ts';
import { timestamp } from '../../text/timestamp.ts';

/** The line about an attempt or an end, without its newline: the fields of the log, and `span_id` beside `trace_id`. */
export function connectionLine(event: ConnectionEvent): string {
  return journalLine(event.at, { ...connectionObject(event), span_id: spanId(event.trace) });
}

/** The line about the process itself; null for scrapes, which are no history. */
export function processLine(event: ProcessEvent): string | null {
  const fields = processFields(event);
  return fields === null ? null : journalLine(event.at, fields);
}

/** A line of the journal: `time` is RFC 3339 in UTC and comes first. */
export function journalLine(at: number, fields: LineFields): string {
  return formatLine('json', { time: timestamp(at), ...fields });
}

function processFields(event: ProcessEvent): LineFields | null {
  switch (event.type) {
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
