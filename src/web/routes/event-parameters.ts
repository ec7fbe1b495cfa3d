import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import { EVENT_TYPES, type EventFilter, type EventQuery, type EventType } from '../../sinks/status/event-query.ts';

export type EventParameters =
  | { readonly kind: 'query'; readonly query: EventQuery }
  | { readonly kind: 'invalid'; readonly message: string };

export type StreamParameters =
  | { readonly kind: 'filter'; readonly filter: EventFilter; readonly sinceId: number | null }
  | Extract<EventParameters, { kind: 'invalid' }>;

const OF_STREAM = ['group', 'peer', 'class', 'type', 'since_id'];
const KNOWN = [...OF_STREAM, 'limit'];
const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;

/** Reads the query string of `GET /api/v1/events`. Strict: a misspelt parameter would answer another question. */
export function parseEventParameters(parameters: URLSearchParams): EventParameters {
  const parsed = parseFilter(parameters, KNOWN);
  if (parsed.kind === 'invalid') return parsed;
  const limit = parseLimit(parameters.get('limit'));
  if (limit === null)
    return invalid(`limit ${quote(parameters.get('limit') ?? '')}: expected a whole number from 1 to ${LARGEST_LIMIT}`);
  const { filter, sinceId } = parsed;
  return { kind: 'query', query: { limit, ...filter, ...(sinceId === null ? {} : { sinceId }) } };
}

/**
 * Reads what `GET /api/v1/events/stream` asks for. `lastEventId` is the header that a reader sends when it comes again; it
 * wins over `since_id`, which still stands in the address.
 */
export function parseStreamParameters(parameters: URLSearchParams, lastEventId: string | undefined): StreamParameters {
  const parsed = parseFilter(parameters, OF_STREAM);
  if (parsed.kind === 'invalid' || lastEventId === undefined || lastEventId === '') return parsed;
  if (!isEventId(lastEventId)) return invalid(`Last-Event-ID ${quote(lastEventId)}: expected the id of an event`);
  return { ...parsed, sinceId: Number(lastEventId) };
}

function parseFilter(parameters: URLSearchParams, known: readonly string[]): StreamParameters {
  for (const name of new Set(parameters.keys())) {
    if (!known.includes(name)) return invalid(`unknown parameter ${quote(name)}: expected ${known.join(', ')}`);
    if (parameters.getAll(name).length > 1) return invalid(`parameter ${name} is given more than once`);
  }
  const group = parameters.get('group');
  const peer = parameters.get('peer');
  const endClass = parameters.get('class');
  if (group === '') return invalid('group is empty: leave it out to get all groups');
  if (peer === '') return invalid('peer is empty: leave it out to get all peers');
  if (endClass !== null && !isDisconnectClass(endClass)) {
    return invalid(`class ${quote(endClass)}: expected one of ${DISCONNECT_CLASSES.join(', ')}`);
  }
  const type = parameters.get('type');
  if (type !== null && !isEventType(type)) {
    return invalid(`type ${quote(type)}: expected one of ${EVENT_TYPES.join(', ')}`);
  }
  const sinceId = parameters.get('since_id');
  if (sinceId !== null && !isEventId(sinceId))
    return invalid(`since_id ${quote(sinceId)}: expected the id of an event`);
  const filter = {
    ...(group === null ? {} : { group }),
    ...(peer === null ? {} : { peer }),
    ...(endClass === null ? {} : { class: endClass }),
    ...(type === null ? {} : { type }),
  };
  return { kind: 'filter', filter, sinceId: sinceId === null ? null : Number(sinceId) };
}

function isEventId(text: string): boolean {
  return /^\d{1,16}$/.test(text);
}

function parseLimit(text: string | null): number | null {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LARGEST_LIMIT ? limit : null;
}

function isDisconnectClass(text: string): text is DisconnectClass {
  return (DISCONNECT_CLASSES as readonly string[]).includes(text);
}

function isEventType(text: string): text is EventType {
  return (EVENT_TYPES as readonly string[]).includes(text);
}

/** At most 40 characters of what a client sent, escaped: it goes back to that client alone, as plain text. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): Extract<EventParameters, { kind: 'invalid' }> {
  return { kind: 'invalid', message };
}
