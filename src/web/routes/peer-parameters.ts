import { DISCONNECT_CLASSES } from '../../domain/disconnect.ts';
import { PEER_STATES, type PeerQuery } from '../../sinks/status/peer-query.ts';

export type PeerParameters =
  | { readonly kind: 'query'; readonly query: PeerQuery }
  | { readonly kind: 'invalid'; readonly message: string };

const KNOWN = ['group', 'peer', 'state', 'class', 'offset', 'limit'];
const LABEL = 'label.';

/** Reads the query string of `GET /api/v1/peers`. Strict: a misspelt parameter would answer another question. */
export function parsePeerParameters(parameters: URLSearchParams): PeerParameters {
  for (const name of new Set(parameters.keys())) {
    if (!KNOWN.includes(name) && !(name.startsWith(LABEL) && name.length > LABEL.length))
      return invalid(`unknown parameter ${quote(name)}: expected ${KNOWN.join(', ')}, label.NAME`);
    if (parameters.getAll(name).length > 1) return invalid(`parameter ${quote(name)} is given more than once`);
    if (parameters.get(name) === '') return invalid(`${quote(name)} is empty: leave it out to get all`);
  }
  const value = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const state = oneOf(PEER_STATES, value('state'));
  if (state === null) return invalid(`state ${quote(value('state') ?? '')}: expected one of ${PEER_STATES.join(', ')}`);
  const endClass = oneOf(DISCONNECT_CLASSES, value('class'));
  if (endClass === null)
    return invalid(`class ${quote(value('class') ?? '')}: expected one of ${DISCONNECT_CLASSES.join(', ')}`);
  const [offset, limit] = [wholeNumber(value('offset'), 0), wholeNumber(value('limit'), Infinity)];
  if (offset === null) return invalid(`offset ${quote(value('offset') ?? '')}: expected a whole number`);
  if (limit === null || limit === 0)
    return invalid(`limit ${quote(value('limit') ?? '')}: expected a whole number from 1`);
  const [group, peer] = [value('group'), value('peer')];
  return {
    kind: 'query',
    query: {
      labels: labelsOf(parameters),
      offset,
      limit,
      ...(group === undefined ? {} : { group }),
      ...(peer === undefined ? {} : { peer }),
      ...(state === undefined ? {} : { state }),
      ...(endClass === undefined ? {} : { class: endClass }),
    },
  };
}

function labelsOf(parameters: URLSearchParams): PeerQuery['labels'] {
  const labels = [...parameters].filter(([name]) => name.startsWith(LABEL));
  return labels.map(([name, value]) => [name.slice(LABEL.length), value]);
}

/** Undefined: not given; null: another word. */
function oneOf<Word extends string>(words: readonly Word[], text: string | undefined): Word | undefined | null {
  return text === undefined ? undefined : (words.find((word) => word === text) ?? null);
}

function wholeNumber(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise;
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** At most 40 characters of what a client sent, escaped: it goes back to that client alone. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): PeerParameters {
  return { kind: 'invalid', message };
}
