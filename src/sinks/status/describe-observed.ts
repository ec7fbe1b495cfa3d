import {
  type ListedObservedEvent,
  OBSERVED_EVENT_NAMES,
  observedConnectionFields,
  observedEndFields,
} from '../../explanations/observed-fields.ts';
import type { LineFields } from '../../text/line-format.ts';
import { timestamp } from '../../text/timestamp.ts';
import type { EventFacts } from './kept-event.ts';

/** What people and programs are shown of an event of an observed connection, as JSON text: the fields of its line. */
export function observedText(id: number, event: ListedObservedEvent): string {
  const { peer, group, labels, connection_id, ...connection } = observedConnectionFields(event);
  const head = { id: String(id), time: timestamp(event.at), type: OBSERVED_EVENT_NAMES[event.type] };
  return JSON.stringify({ ...head, group, peer, labels, connection_id, ...connection, ...outcomeOf(event) });
}

function outcomeOf(event: ListedObservedEvent): LineFields {
  if (event.type === 'observedEnded') return observedEndFields(event);
  const { isFound, isCloseWait } = event;
  return { ...(isFound && { found: true }), ...(isCloseWait && { close_wait: true }) };
}

export function observedFacts(event: ListedObservedEvent): EventFacts {
  const { group, peer } = event.peer;
  const endClass = event.type === 'observedEnded' ? event.class : undefined;
  return { type: OBSERVED_EVENT_NAMES[event.type], group, peer, class: endClass };
}
