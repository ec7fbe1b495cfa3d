import type { EventFilter } from '../../sinks/status/event-query.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';

/** The types of what comes in such numbers that a reader has to ask for it. */
const QUIET_TYPES: readonly EventFilter['type'][] = ['observed_connected', 'observed_ended'];

/** How many events of each type and, of ends, of each class there were, and how many groups they are of. */
export type BurstCounts = {
  readonly events: number;
  readonly types: Readonly<Record<string, number>>;
  readonly classes: Readonly<Record<string, number>>;
  readonly groups: number;
};

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

/** What stands for events that came in too large a number; `id`: the last of those that are told with it. */
export function burstMessage(id: number, counts: BurstCounts): string {
  return `id: ${id}\nevent: burst\ndata: ${JSON.stringify(counts)}\n\n`;
}
