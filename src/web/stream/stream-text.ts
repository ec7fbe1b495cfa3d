import type { EventFilter } from '../../sinks/status/event-query.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';

/** The types of what comes in such numbers that a reader has to ask for it. */
const QUIET_TYPES: readonly EventFilter['type'][] = ['observed_connected', 'observed_ended'];

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

/** Connections of applications in these groups came, or went in order; null: in many. It has no id: it is no event. */
export function quietMessage(
  groups: ReadonlySet<string> | null,
  { group, class: endClass, type }: EventFilter,
): string {
  const isOfOthers = endClass !== undefined || type !== undefined;
  const wanted = groups === null ? null : [...groups].filter((each) => group === undefined || each === group);
  if (isOfOthers || wanted?.length === 0) return '';
  return `event: observed\ndata: ${JSON.stringify(wanted === null ? {} : { groups: wanted })}\n\n`;
}

/** Whether this filter lets through what comes in such numbers. */
export function wantsQuiet({ type }: EventFilter): boolean {
  return QUIET_TYPES.includes(type);
}

/**
 * What a filter leaves of these events, which came one after the other: the events, then the counts of what came in too large
 * a number; empty: none. What is quiet is counted apart: it hides nothing else.
 */
export function eventMessages(events: readonly KeptEvent[], filter: EventFilter): string {
  const quiet = events.reduce((count, event) => count + (event.isQuiet ? 1 : 0), 0);
  const isBurst = (event: KeptEvent): boolean => (event.isQuiet ? quiet : events.length - quiet) > MOST_EVENTS;
  const wanted = events.filter((event) => event.matches(filter));
  const single = wanted.filter((event) => !isBurst(event)).map(eventMessage);
  return single.join('') + burstMessage(wanted.filter(isBurst), wanted.at(-1)?.id ?? 0);
}

function burstMessage(events: readonly KeptEvent[], lastId: number): string {
  if (events.length === 0) return '';
  const counts = {
    events: events.length,
    types: countBy(events, ({ type }) => type),
    classes: countBy(events, (event) => (event.type === 'explained' ? undefined : event.class)),
    groups: events.reduce((groups, { group }) => (group === undefined ? groups : groups.add(group)), new Set()).size,
  };
  return `id: ${lastId}\nevent: burst\ndata: ${JSON.stringify(counts)}\n\n`;
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
