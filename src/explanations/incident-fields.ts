import type { IncidentChanged } from '../domain/events/incident-event.ts';
import type { LineFields } from '../text/line-format.ts';
import { timestamp } from '../text/timestamp.ts';

/** What a line of the log or a JSON object says about an incident, its sentence aside. */
export function incidentFields(event: IncidentChanged): LineFields {
  return {
    incident: event.id,
    state: event.state,
    observed: event.isObserved ? true : undefined,
    scope: event.scope.kind,
    value: event.scope.value === '' ? undefined : event.scope.value,
    began: timestamp(event.began),
    over: event.over === undefined ? undefined : timestamp(event.over),
    ended: event.ended,
    of: event.of,
    reasons: reasonsText(event.reasons),
    still_down: event.stillDown,
  };
}

/** `reset:41,no_reply:3` */
function reasonsText(reasons: IncidentChanged['reasons']): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason}:${count}`)
    .join(',');
}
