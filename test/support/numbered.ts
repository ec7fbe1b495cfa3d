import type { Publish } from '../../src/events/bus.ts';
import { EventNumbers } from '../../src/events/event-numbers.ts';

/** Gives each event its number before it is published, from 1 on unless a run began at another time. */
export function numbered(publish: Publish, numbers: EventNumbers = new EventNumbers(0)): Publish {
  return (event) => publish(numbers.number(event));
}
