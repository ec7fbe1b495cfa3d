import { TARGET_STATES, type TargetQuery, type TargetState } from '../../domain/target-state.ts';

export type TargetParameters =
  | { readonly kind: 'query'; readonly query: TargetQuery; readonly limit: number }
  | { readonly kind: 'invalid'; readonly message: string };

const KNOWN = ['group', 'state', 'limit'];
const DEFAULT_LIMIT = 1000;
/** More targets than one process holds peers. */
const LARGEST_LIMIT = 100_000;

/** Reads the query string of `GET /api/v1/targets`. Strict: a misspelt parameter would answer another question. */
export function parseTargetParameters(parameters: URLSearchParams): TargetParameters {
  for (const name of new Set(parameters.keys())) {
    if (!KNOWN.includes(name)) return invalid(`unknown parameter ${quote(name)}: expected ${KNOWN.join(', ')}`);
    if (parameters.getAll(name).length > 1) return invalid(`parameter ${name} is given more than once`);
  }
  const group = parameters.get('group');
  const state = parameters.get('state');
  if (group === '') return invalid('group is empty: leave it out to get all groups');
  if (state !== null && !isTargetState(state)) {
    return invalid(`state ${quote(state)}: expected one of ${TARGET_STATES.join(', ')}`);
  }
  const text = parameters.get('limit');
  const limit = text === null ? DEFAULT_LIMIT : /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LARGEST_LIMIT) {
    return invalid(`limit ${quote(text ?? '')}: expected a whole number from 1 to ${LARGEST_LIMIT}`);
  }
  return {
    kind: 'query',
    query: { ...(group === null ? {} : { group }), ...(state === null ? {} : { state }) },
    limit,
  };
}

function isTargetState(text: string): text is TargetState {
  return (TARGET_STATES as readonly string[]).includes(text);
}

/** At most 40 characters of what a client sent, escaped: it goes back to that client alone. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): TargetParameters {
  return { kind: 'invalid', message };
}
