import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { TraceShape } from './trace-shape.ts';

/** An incident, as one `incident` span from the moment at which the connections broke until it is over. */
export function describeIncident(event: IncidentChanged): TraceShape {
  const { id, state, isObserved, scope, began, over, ended, of, stillDown, sentence } = event;
  return {
    root: {
      name: 'incident',
      kind: 'internal',
      startMs: began,
      endMs: Math.max(began, over ?? event.at),
      attributes: {
        'finrst.incident.id': id,
        'finrst.incident.state': state,
        'finrst.observed': isObserved ? true : undefined,
        'finrst.incident.scope': scope.kind,
        'finrst.incident.value': scope.value === '' ? undefined : scope.value,
        'finrst.incident.ended': ended,
        'finrst.incident.of': of,
        'finrst.incident.still_down': stillDown,
      },
      error: sentence,
    },
    children: [],
  };
}
