import type { ConnectionEvent, TraceRef } from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { Numbered } from '../../domain/events/numbered.ts';
import type { ObservedEnded } from '../../domain/events/observed-events.ts';
import type { ProcessEvent } from '../../domain/events/process-events.ts';
import { connectionObject } from '../../explanations/connection-fields.ts';
import { incidentFields } from '../../explanations/incident-fields.ts';
import {
  OBSERVED_EVENT_NAMES,
  observedConnectionFields,
  observedEndFields,
} from '../../explanations/observed-fields.ts';
import { formatLine, type LineFields } from '../../text/line-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';

/** The line about an attempt or an end, without its newline: the fields of the log, and `span_id` beside `trace_id`. */
export function connectionLine(event: ConnectionEvent): string {
  return journalLine(event.at, {
    ...idOf(event),
    ...connectionObject(event),
    span_id: event.type === 'explained' ? undefined : spanId(event.trace),
  });
}

/** The line about the process itself; null for scrapes and streams, which are no history. */
export function processLine(event: ProcessEvent): string | null {
  const fields = processFields(event);
  return fields === null ? null : journalLine(event.at, fields);
}

/** The line about an incident. */
export function incidentLine(event: IncidentChanged): string {
  return journalLine(event.at, {
    ...idOf(event),
    type: 'incident',
    ...incidentFields(event),
    sentence: event.sentence,
  });
}

/** The line about the end of an observed connection. */
export function observedLine(event: ObservedEnded): string {
  return journalLine(event.at, {
    ...idOf(event),
    type: OBSERVED_EVENT_NAMES[event.type],
    ...observedConnectionFields(event),
    ...observedEndFields(event),
    span_id: spanId(event.trace),
  });
}

/** A line of the journal: `time` is RFC 3339 in UTC and comes first. */
export function journalLine(at: number, fields: LineFields): string {
  return formatLine('json', { time: timestamp(at) }, fields);
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
    case 'shardsChanged': {
      const { ordinal, total, wanted } = event;
      return { type: 'shards_changed', ordinal, shards: total, wanted };
    }
    case 'handingOver':
      return { type: 'handing_over', held: event.held, for_s: toSeconds(event.forMs) };
    case 'scraped':
    case 'streamEnded':
      return null;
  }
}

/** As `/api/v1/events` has it. */
function idOf({ eventId }: Numbered): LineFields {
  return { id: eventId === undefined ? undefined : String(eventId) };
}

function spanId(trace: TraceRef | undefined): string | undefined {
  return trace?.recorded === true ? trace.spanId : undefined;
}
