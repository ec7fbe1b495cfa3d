import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';

export const PAGE_STATES = ['connected', 'down', 'connecting', 'retired', 'not held'] as const;
export type PageState = (typeof PAGE_STATES)[number];

/** Saved filters. `trouble`: what ended or is down first; `all`: in the order of the configuration; `timers`: a limit of somebody ended it; `orderly`: closed in order again and again. */
export const VIEWS = ['trouble', 'all', 'abnormal', 'orderly', 'timers', 'never', 'certificates'] as const;
export type View = (typeof VIEWS)[number];

/** What a list can be sorted by. */
export const SORTS = ['since', 'name', 'end', 'rtt', 'error', 'idle_timeout', 'eof'] as const;
export type Sort = (typeof SORTS)[number];

export const RANGES = { '6h': 6, '24h': 24, '7d': 168 } as const;
export type Range = keyof typeof RANGES;

/** What the page of all peers is asked for. Null: any. */
export type PeersQuery = {
  readonly q: string | null;
  readonly group: string | null;
  readonly state: PageState | null;
  readonly class: DisconnectClass | null;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly view: View | null;
  readonly sort: Sort | null;
  /** The least first. */
  readonly isAscending: boolean;
  readonly range: Range;
  /** Times as instants. */
  readonly isAbsolute: boolean;
  readonly offset: number;
  readonly limit: number;
  /** Numbers of peers that are wanted, too, wherever they stand: an open page has them already. */
  readonly also: readonly number[];
};

export type PeersParameters =
  | { readonly kind: 'query'; readonly query: PeersQuery }
  /** The form's `label=NAME=VALUE` as the interface spells it. */
  | { readonly kind: 'redirect'; readonly search: string }
  | { readonly kind: 'invalid'; readonly message: string };

export const ROWS = 40;
const MOST_ROWS = 200;
/** `12,15,99`: rows of a page, and those of sections beside them. */
const ALSO = /^\d{1,9}(,\d{1,9}){0,399}$/;
const LABEL = 'label.';

/** Reads the query string of the page of all peers. Empty parameters, as a form sends them, count as absent. */
export function parsePeersQuery(parameters: URLSearchParams): PeersParameters {
  const given = new URLSearchParams([...parameters].filter(([, value]) => value !== ''));
  const label = given.get('label');
  if (label !== null) return redirect(given, label);
  const words = {
    state: wordOf(given, 'state', PAGE_STATES),
    class: wordOf(given, 'class', DISCONNECT_CLASSES),
    view: wordOf(given, 'view', VIEWS),
    sort: wordOf(given, 'sort', SORTS),
    order: wordOf(given, 'order', ['asc', 'desc']),
    range: wordOf(given, 'range', Object.keys(RANGES) as Range[]),
    times: wordOf(given, 'times', ['absolute']),
  };
  const offset = wholeNumber(given.get('offset') ?? '0', 0);
  const limit = wholeNumber(given.get('limit') ?? String(ROWS), 1);
  for (const [name, word] of Object.entries(words)) {
    if (word === undefined) return { kind: 'invalid', message: `${name}: no such word` };
  }
  if (offset === null || limit === null || limit > MOST_ROWS)
    return { kind: 'invalid', message: `offset and limit are whole numbers; limit is at most ${MOST_ROWS}` };
  const also = given.get('also');
  if (also !== null && !ALSO.test(also)) return { kind: 'invalid', message: 'also: expected numbers of peers' };
  const labels = [...given].filter(([name]) => name.startsWith(LABEL));
  return {
    kind: 'query',
    query: {
      q: given.get('q'),
      group: given.get('group'),
      state: words.state ?? null,
      class: words.class ?? null,
      labels: labels.map(([name, value]) => [name.slice(LABEL.length), value] as const),
      view: words.view ?? null,
      sort: words.sort ?? null,
      isAscending: words.order === 'asc',
      range: words.range ?? '6h',
      isAbsolute: words.times === 'absolute',
      offset,
      limit,
      also: also === null ? [] : also.split(',').map(Number),
    },
  };
}

/** The query string of a link that keeps what is set, but for what it changes; null takes a parameter out. */
export function searchOf(query: PeersQuery, change: Partial<PeersQuery>): string {
  const {
    q,
    group,
    state,
    class: endClass,
    labels,
    view,
    sort,
    isAscending,
    range,
    isAbsolute,
    offset,
    limit,
  } = { ...query, ...change };
  const all: readonly (readonly [string, string | null])[] = [
    ['q', q],
    ['group', group],
    ['state', state],
    ['class', endClass],
    ...labels.map(([name, value]) => [LABEL + name, value] as const),
    ['view', view],
    ['sort', sort],
    ['order', isAscending ? 'asc' : null],
    ['range', range === '6h' ? null : range],
    ['times', isAbsolute ? 'absolute' : null],
    ['offset', offset === 0 ? null : String(offset)],
    ['limit', limit === ROWS ? null : String(limit)],
  ];
  const given = all.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
  const search = new URLSearchParams(given).toString();
  return search === '' ? '' : `?${search}`;
}

/** Whether it asks for a part of the peers. */
export function isFiltered({ q, group, state, class: endClass, labels, view }: PeersQuery): boolean {
  const isWhole = view === null || view === 'trouble' || view === 'all';
  return !isWhole || labels.length > 0 || [q, group, state, endClass].some((each) => each !== null);
}

function redirect(given: URLSearchParams, label: string): PeersParameters {
  const [, name, value] = /^([^=]+)=(.+)$/.exec(label) ?? [];
  if (name === undefined || value === undefined)
    return { kind: 'invalid', message: 'label is NAME=VALUE, as in rack=b07' };
  given.delete('label');
  given.set(LABEL + name, value);
  return { kind: 'redirect', search: `?${given.toString()}` };
}

/** Null: not given; undefined: another word. */
function wordOf<Word extends string>(
  given: URLSearchParams,
  name: string,
  words: readonly Word[],
): Word | null | undefined {
  const text = given.get(name);
  return text === null ? null : words.find((word) => word === text);
}

function wholeNumber(text: string, least: number): number | null {
  return /^\d{1,6}$/.test(text) && Number(text) >= least ? Number(text) : null;
}
