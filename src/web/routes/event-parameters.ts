import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import type { EventQuery } from '../../sinks/status/event-query.ts';

export type EventParameters =
  | { readonly kind: 'query'; readonly query: EventQuery }
  | { readonly kind: 'invalid'; readonly message: string };

const KNOWN = ['group', 'peer', 'class', 'limit'];
const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;

/** Reads the query string of `GET /api/v1/events`. Strict: a misspelt parameter would answer another question. */
export function parseEventParameters(parameters: URLSearchParams): EventParameters {
  for (const name of new Set(parameters.keys())) {
    if (!KNOWN.includes(name)) return invalid(`unknown parameter ${quote(name)}: expected ${KNOWN.join(', ')}`);
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
  const limit = parseLimit(parameters.get('limit'));
  if (limit === null)
    return invalid(`limit ${quote(parameters.get('limit') ?? '')}: expected a whole number from 1 to ${LARGEST_LIMIT}`);
  return {
    kind: 'query',
    query: {
      limit,
      ...(group === null ? {} : { group }),
      ...(peer === null ? {} : { peer }),
      ...(endClass === null ? {} : { class: endClass }),
    },
  };
}

function parseLimit(text: string | null): number | null {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LARGEST_LIMIT ? limit : null;
}

function isDisconnectClass(text: string): text is DisconnectClass {
  return (DISCONNECT_CLASSES as readonly string[]).includes(text);
}

/** At most 40 characters of what a client sent, escaped: it goes back to that client alone, as plain text. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): EventParameters {
  return { kind: 'invalid', message };
}
