import type { Pace } from '../../clock/turn-slices.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import type { PeerState } from '../../sinks/status/peer-query.ts';
import type { PeerEntry } from '../../sinks/status/peer-status.ts';
import { sortInSteps } from './sort-in-steps.ts';
import { isFiltered, type PageState, type PeersQuery, type Sort, type View } from './peers-query.ts';

const DAY_MS = 86_400_000;
/** Those that end sooner are renewed late; the handshake of a held connection is as old as it. */
const CERTIFICATE_MS = 21 * DAY_MS;
const SIX_HOURS_MS = 21_600_000;
/** Rows of each section where trouble stands first. */
const IN_INCIDENT = 3;
const DOWN = 20;
const ABNORMAL = 10;
const ORDERLY = 3;
/** Connections that the peer closes in order come and go; from so many on it does so again and again. */
const AGAIN = 3;
/** Positions that fit beside a sort key in one number. */
const POSITIONS = 2 ** 20;
const MOST_KEY = 2 ** 32 - 1;

/** What the page shows: rows under headings, or one list. */
export type Selection = {
  /** How many peers each view has. */
  readonly counts: Readonly<Record<'all' | 'held' | 'down' | Counted, number>>;
  readonly groups: readonly string[];
  readonly sections: readonly Section[];
  /** Peers that match; rows may be fewer. */
  readonly total: number;
  /** Those that were wanted, too, and are in no section. */
  readonly also: readonly PeerEntry[];
};

/** Views that are counted whatever is asked for. */
type Counted = Exclude<View, 'trouble' | 'all' | 'orderly'>;

export type Section = {
  readonly kind: 'incident' | 'down' | 'abnormal' | 'orderly' | 'quiet' | 'list';
  readonly incident?: IncidentRecord;
  readonly total: number;
  readonly rows: readonly PeerEntry[];
};

/** What the page calls the state of a connection. */
export function pageState(state: PeerState): PageState | 'closing' | 'stopped' {
  switch (state) {
    case 'established':
      return 'connected';
    case 'backoff':
      return 'down';
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return 'connecting';
    case 'not_held':
      return 'not held';
    case 'retired':
    case 'closing':
    case 'stopped':
      return state;
  }
}

/** Whether a peer should be connected and is not: its last connection ended without us, or an attempt failed. */
export function isDown({ state, connectionId, failuresInARow, lastDisconnect }: PeerEntry): boolean {
  if (state === 'established' || state === 'retired' || state === 'stopped' || state === 'closing') return false;
  return failuresInARow > 0 || (lastDisconnect !== null && lastDisconnect.connection_id === connectionId);
}

/** Since when it is what the page says that it is: each attempt is a state of its own, and a peer is down since its end. */
export function sinceOf(entry: PeerEntry): number {
  const { lastDisconnect, connectionId, failingSince, since } = entry;
  if (!isDown(entry)) return since;
  if (lastDisconnect !== null && lastDisconnect.connection_id === connectionId) return lastDisconnect.at;
  return failingSince === 0 ? since : failingSince;
}

export type SelectOptions = {
  readonly query: PeersQuery;
  readonly entries: Iterable<PeerEntry>;
  /** Those that run. */
  readonly incidents: readonly IncidentRecord[];
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** What is known of the peer with this number beside its entry; null: it is not. */
  readonly certificateEndsAt: (id: number) => number | null;
  readonly roundTripMs: (id: number) => number | null;
  readonly pace: Pace;
};

/** Finds the rows of the page among all peers, in steps. */
export async function selectPeers(options: SelectOptions): Promise<Selection> {
  const { query, entries, pace } = options;
  const counts = { all: 0, held: 0, down: 0, abnormal: 0, timers: 0, never: 0, certificates: 0 };
  const groups = new Set<string>();
  const matching: PeerEntry[] = [];
  const wanted = new Set(query.also);
  const also: PeerEntry[] = [];
  for (const entry of entries) {
    if (pace.isOver()) await pace.next();
    counts.all++;
    if (entry.state !== 'not_held') counts.held++;
    if (isDown(entry)) counts.down++;
    for (const view of COUNTED) if (isInView(entry, view, options)) counts[view]++;
    groups.add(entry.ref.group);
    if (matches(entry, options)) matching.push(entry);
    if (wanted.has(entry.ref.id)) also.push(entry);
  }
  const isTrouble = !isFiltered(query) && query.view !== 'all' && query.sort === null && query.offset === 0;
  const sections = isTrouble ? await troubleFirst(matching, options) : [await listOf(matching, options)];
  const shown = new Set(sections.flatMap(({ rows }) => rows));
  const elsewhere = also.filter((entry) => !shown.has(entry));
  return { counts, groups: [...groups], sections, total: matching.length, also: elsewhere };
}

const COUNTED: readonly Counted[] = ['abnormal', 'timers', 'never', 'certificates'];

function isInView(entry: PeerEntry, view: View, { now, certificateEndsAt }: SelectOptions): boolean {
  switch (view) {
    case 'trouble':
    case 'all':
      return true;
    case 'orderly':
      return isOrderlyAgain(entry, now - DAY_MS);
    case 'abnormal':
      return isAbnormalSince(entry, now - DAY_MS);
    case 'timers':
      return entry.lastDisconnect?.hint === 'idle_limit' || entry.lastDisconnect?.hint === 'age_limit';
    case 'never':
      return entry.connections === 0 && entry.state !== 'not_held';
    case 'certificates':
      return isEndingSoon(certificateEndsAt(entry.ref.id), now);
  }
}

function matches(entry: PeerEntry, options: SelectOptions): boolean {
  const { query } = options;
  const { ref, facts, lastDisconnect } = entry;
  return (
    (query.group === null || ref.group === query.group) &&
    (query.state === null || hasState(entry, query.state)) &&
    (query.class === null || lastDisconnect?.class === query.class) &&
    (query.view === null || isInView(entry, query.view, options)) &&
    query.labels.every(([name, value]) => Object.hasOwn(facts.labels, name) && facts.labels[name] === value) &&
    (query.q === null || holdsText(entry, query.q.toLowerCase()))
  );
}

function hasState(entry: PeerEntry, state: PageState): boolean {
  return state === 'down' ? isDown(entry) : pageState(entry.state) === state;
}

function holdsText({ ref, remote, lastDisconnect, lastFailure }: PeerEntry, text: string): boolean {
  return (
    ref.peer.toLowerCase().includes(text) ||
    remote?.address.includes(text) === true ||
    lastDisconnect?.reason.includes(text) === true ||
    (lastFailure !== null && `${lastFailure.phase}/${lastFailure.reason}`.includes(text))
  );
}

/** Whether a certificate that ends then is to be renewed by now. */
export function isEndingSoon(endsAt: number | null, now: number): boolean {
  return endsAt !== null && endsAt < now + CERTIFICATE_MS;
}

/** It is connected, and its peer has closed several connections in order that nobody had announced: some limit, mostly. */
function isOrderlyAgain({ up, lastDisconnect, disconnects }: PeerEntry, at: number): boolean {
  return (
    up &&
    lastDisconnect !== null &&
    lastDisconnect.at >= at &&
    lastDisconnect.class === 'eof' &&
    lastDisconnect.announced === undefined &&
    disconnects.eof >= AGAIN
  );
}

/** An end that nobody announced and that was not in order. */
function isAbnormalSince({ lastDisconnect }: PeerEntry, at: number): boolean {
  return (
    lastDisconnect !== null &&
    lastDisconnect.at >= at &&
    lastDisconnect.class !== 'eof' &&
    lastDisconnect.announced === undefined
  );
}

/** Sections of bounded size, each of the newest: a storm makes one short section and not hundreds of pages. */
async function troubleFirst(
  matching: readonly PeerEntry[],
  { query, incidents, now, pace }: SelectOptions,
): Promise<readonly Section[]> {
  const incidentOf = new Map<number, IncidentRecord>();
  for (const incident of incidents) for (const { id } of incident.peers) incidentOf.set(id, incident);
  const ofIncidents = new Map(incidents.map((incident) => [incident, new Newest(IN_INCIDENT)]));
  const down = new Newest(DOWN);
  const abnormal = new Newest(ABNORMAL);
  const orderly = new Newest(ORDERLY);
  const quiet: PeerEntry[] = [];
  for (const entry of matching) {
    if (pace.isOver()) await pace.next();
    const incident = incidentOf.get(entry.ref.id);
    if (incident !== undefined) ofIncidents.get(incident)?.add(entry, entry.lastDisconnect?.at ?? 0);
    else if (isDown(entry)) down.add(entry, sinceOf(entry));
    else if (isAbnormalSince(entry, now - SIX_HOURS_MS)) abnormal.add(entry, entry.lastDisconnect?.at ?? 0);
    else if (isOrderlyAgain(entry, now - DAY_MS)) orderly.add(entry, entry.lastDisconnect?.at ?? 0);
    else if (quiet.length < query.limit) quiet.push(entry);
  }
  const sections: Section[] = [
    ...[...ofIncidents].map(([incident, { rows }]) => ({
      kind: 'incident' as const,
      incident,
      total: incident.event.ended,
      rows,
    })),
    { kind: 'down', total: down.total, rows: down.rows },
    { kind: 'abnormal', total: abnormal.total, rows: abnormal.rows },
    { kind: 'orderly', total: orderly.total, rows: orderly.rows },
  ];
  const shown = sections.reduce((sum, { rows }) => sum + rows.length, 0);
  const fill = quiet.slice(0, Math.max(0, query.limit - shown));
  const elsewhere = sections.reduce((sum, { total }) => sum + total, 0);
  sections.push({ kind: 'quiet', total: Math.max(fill.length, matching.length - elsewhere), rows: fill });
  return sections.filter(({ rows }) => rows.length > 0);
}

/** The few newest of many. */
class Newest {
  readonly #most: number;
  readonly #found: { readonly entry: PeerEntry; readonly at: number }[] = [];
  total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get rows(): readonly PeerEntry[] {
    return this.#found.map(({ entry }) => entry);
  }

  add(entry: PeerEntry, at: number): void {
    this.total++;
    const index = this.#found.findLastIndex((other) => other.at >= at) + 1;
    if (index >= this.#most) return;
    this.#found.splice(index, 0, { entry, at });
    if (this.#found.length > this.#most) this.#found.pop();
  }
}

/** One list, sorted and cut. Of equal ones the first in the configuration comes first, and what is not known comes last. */
async function listOf(matching: readonly PeerEntry[], options: SelectOptions): Promise<Section> {
  const { sort, offset, limit } = options.query;
  const end = offset + limit;
  const rows =
    sort === null
      ? matching.slice(offset, end)
      : sort === 'name'
        ? (await byName(matching, options)).slice(offset, end)
        : await byFigure(matching, sort, options);
  return { kind: 'list', total: matching.length, rows };
}

/** As they are written, character by character. */
function byName(
  matching: readonly PeerEntry[],
  { query: { isAscending }, pace }: SelectOptions,
): Promise<readonly PeerEntry[]> {
  const compare = ({ ref: one }: PeerEntry, { ref: other }: PeerEntry): number =>
    one.peer === other.peer ? 0 : one.peer < other.peer === isAscending ? -1 : 1;
  return sortInSteps(matching, compare, pace);
}

/** The rows of the page. */
async function byFigure(
  matching: readonly PeerEntry[],
  sort: Figure,
  options: SelectOptions,
): Promise<readonly PeerEntry[]> {
  const { query, pace } = options;
  const { isAscending, offset, limit } = query;
  // Key and position in one number: numbers of a typed array are sorted in a millisecond, objects in ten.
  const keys = new Float64Array(matching.length);
  for (const [index, entry] of matching.entries()) {
    if (pace.isOver()) await pace.next();
    const key = keyOf(entry, sort, options);
    const rank = key === null ? 0 : 1 + (isAscending ? MOST_KEY - key : key);
    keys[index] = rank * POSITIONS + (POSITIONS - 1 - index);
  }
  // The sort itself begins with a turn.
  await pace.next();
  const wanted = keys
    .sort()
    .reverse()
    .subarray(offset, offset + limit);
  const rows = Array.from(wanted, (key) => matching[POSITIONS - 1 - (key % POSITIONS)]);
  return rows.filter((entry) => entry !== undefined);
}

type Figure = Exclude<Sort, 'name'>;

/** Whole, below 2^32; null: there is none. */
function keyOf(entry: PeerEntry, sort: Figure, { roundTripMs }: SelectOptions): number | null {
  const { lastDisconnect, disconnects } = entry;
  switch (sort) {
    case 'since':
      return Math.floor(sinceOf(entry) / 1000);
    case 'end':
      return lastDisconnect === null ? null : Math.floor(lastDisconnect.at / 1000);
    case 'rtt': {
      const rtt = roundTripMs(entry.ref.id);
      return rtt === null ? null : Math.min(MOST_KEY, Math.floor(rtt * 1000));
    }
    case 'error':
    case 'idle_timeout':
    case 'eof':
      return disconnects[sort];
  }
}
