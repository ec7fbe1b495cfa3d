import { OBSERVED_STATES, type ObservedQuery, type ObservedState } from '../../sinks/status/observed-query.ts';

export type ObservedParameters =
  | { readonly kind: 'query'; readonly query: ObservedQuery }
  | { readonly kind: 'invalid'; readonly message: string };

const KNOWN = ['group', 'peer', 'state'];

/** Reads the query string of `GET /api/v1/observed`. Strict: a misspelt parameter would answer another question. */
export function parseObservedParameters(parameters: URLSearchParams): ObservedParameters {
  for (const name of new Set(parameters.keys())) {
    if (!KNOWN.includes(name)) return invalid(`unknown parameter ${quote(name)}: expected ${KNOWN.join(', ')}`);
    if (parameters.getAll(name).length > 1) return invalid(`parameter ${name} is given more than once`);
    if (parameters.get(name) === '') return invalid(`${name} is empty: leave it out to get all`);
  }
  const group = parameters.get('group');
  const peer = parameters.get('peer');
  const state = parameters.get('state');
  if (state !== null && !isObservedState(state)) {
    return invalid(`state ${quote(state)}: expected one of ${OBSERVED_STATES.join(', ')}`);
  }
  const query = { ...(group !== null && { group }), ...(peer !== null && { peer }), ...(state !== null && { state }) };
  return { kind: 'query', query };
}

function isObservedState(text: string): text is ObservedState {
  return (OBSERVED_STATES as readonly string[]).includes(text);
}

/** At most 40 characters of what a client sent, escaped: it goes back to that client alone. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): ObservedParameters {
  return { kind: 'invalid', message };
}
