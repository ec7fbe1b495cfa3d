import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { IncidentChanged } from '../domain/events/incident-event.ts';
import type { ObservedConnected, ObservedEnded } from '../domain/events/observed-events.ts';
import { EVENT_GROUPS, type FinrstEvent } from '../domain/events/finrst-event.ts';

/** Numbers of a run begin at its start in milliseconds times this: more events a millisecond no process has. */
const NUMBERS_PER_MS = 4096;
const YEAR_MS = 365 * 86_400_000;

/** Numbers the events of connections, also of observed ones, and of incidents, in the order in which they are published. */
export class EventNumbers {
  #last: number;

  /** `startedAt`: wall clock, whole milliseconds; `lastBefore`: the largest number that is known of runs before, after which they go on where the clock was set back. */
  constructor(startedAt: number, lastBefore: number = 0) {
    this.#last = Math.max(startedAt * NUMBERS_PER_MS, lastBefore);
  }

  /** The number that was given last, or the one before the first. */
  get last(): number {
    return this.#last;
  }

  number(event: FinrstEvent): FinrstEvent {
    return isNumbered(event) ? { ...event, eventId: ++this.#last } : event;
  }
}

/** The largest number that a run can have given until now, also where the clock was a year ahead of what it is. */
export function largestNumber(now: number): number {
  return (now + YEAR_MS) * NUMBERS_PER_MS;
}

function isNumbered(
  event: FinrstEvent,
): event is ConnectionEvent | IncidentChanged | ObservedConnected | ObservedEnded {
  const group = EVENT_GROUPS[event.type];
  const isListed = event.type === 'observedConnected' || event.type === 'observedEnded';
  return isListed || group === 'connection' || group === 'incident';
}
