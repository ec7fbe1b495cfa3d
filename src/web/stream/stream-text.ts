import type { EventFilter } from '../../sinks/status/event-query.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';

/** More in one message is no news that a reader can use: it gets their counts. Making the texts of so many takes 4 ms. */
const MOST_EVENTS = 500;

/** Readers come again after a second: the default of browsers is three to five. */
export const STREAM_START = 'retry: 1000\n\n';

/** Events are missing in front of it; it has no id, so that a reader that comes again begins where it was. */
export const STREAM_GAP = 'event: gap\ndata: {"gap":true}\n\n';

/** One event as a message of server-sent events: its JSON text has no line break. */
export function eventMessage(event: KeptEvent): string {
  return `id: ${event.id}\ndata: ${event.text}\n\n`;
}

/** Moves the place at which a reader begins when it comes again; no message. */
export function placeMessage(id: number): string {
  return `id: ${id}\n\n`;
}

/** A comment, so that nobody on the way takes the stream for dead, and the place: a filter can let nothing pass for hours. */
export function beatMessage(id: number): string {
  return `: still here\n${placeMessage(id)}`;
}

/** What a filter leaves of these events, which came one after the other: the events, or their counts; empty: none. */
export function eventMessages(events: readonly KeptEvent[], filter: EventFilter): string {
  const wanted = events.filter((event) => event.matches(filter));
  return events.length > MOST_EVENTS ? burstMessage(wanted) : wanted.map(eventMessage).join('');
}

function burstMessage(events: readonly KeptEvent[]): string {
  const last = events.at(-1);
  if (last === undefined) return '';
  const counts = {
    events: events.length,
    types: countBy(events, ({ type }) => type),
    classes: countBy(events, (event) => (event.type === 'disconnected' ? event.class : undefined)),
    groups: events.reduce((groups, { group }) => (group === undefined ? groups : groups.add(group)), new Set()).size,
  };
  return `id: ${last.id}\nevent: burst\ndata: ${JSON.stringify(counts)}\n\n`;
}

function countBy(
  events: readonly KeptEvent[],
  wordOf: (event: KeptEvent) => string | undefined,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const event of events) {
    const word = wordOf(event);
    if (word !== undefined) counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
