import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import { EventMemory } from './event-memory.ts';
import { EVENT_TYPES } from './event-query.ts';
import { KeptEvent } from './kept-event.ts';

type Line = Readonly<Record<string, unknown>>;

/** Keys that a line of the journal and an event of the list share, in the order of the list. */
const TEXTS_BEFORE_LABELS = ['time', 'type', 'group', 'peer'] as const;
const KEYS = [
  ['connection_id', 'string'],
  ['class', 'string'],
  ['reason', 'string'],
  ['phase', 'string'],
  ['goodbye', 'string'],
  ['goodbye_code', 'string'],
  ['errno', 'string'],
  ['detail', 'string'],
  ['tried', 'string'],
  ['announced', 'string'],
  ['hint', 'string'],
  ['hint_detail', 'string'],
  ['by', 'string'],
  ['incident', 'string'],
  ['state', 'string'],
  ['sentence', 'string'],
  ['observed', 'boolean'],
  ['duration_s', 'number'],
  ['idle_s', 'number'],
  ['quiet_s', 'number'],
  ['trace_id', 'string'],
] as const;
/** Those of ends of observed connections: only errors stand in a journal. */
const OBSERVED_KEYS = [
  ['connection_id', 'string'],
  ['address', 'string'],
  ['local', 'string'],
  ['pid', 'number'],
  ['executable', 'string'],
  ['pod', 'string'],
  ['class', 'string'],
  ['reason', 'string'],
  ['errno', 'string'],
  ['duration_s', 'number'],
  ['errors', 'number'],
  ['trace_id', 'string'],
] as const;
const TYPES: ReadonlySet<unknown> = new Set(EVENT_TYPES);

export type RestoredEventsOptions = {
  /** How many events, and how many abnormal ends besides, are kept. */
  readonly kept: number;
  /** No event has a larger id: a line that claims one would use up the ids of all that come. */
  readonly largestId: number;
};

/**
 * The last events of runs before, from the lines of the journal. People edit files, and a crash tears lines: what is no event
 * of ours is left out and counted. Lines of releases that gave no ids are left out and not counted.
 */
export class RestoredEvents {
  readonly held: EventMemory;
  /** Of observed connections. */
  readonly observed: EventMemory;
  readonly #largestId: number;
  #lastId = 0;
  #skipped = 0;
  #forgottenId: number | null = null;

  constructor({ kept, largestId }: RestoredEventsOptions) {
    this.held = new EventMemory(kept);
    this.observed = new EventMemory(kept);
    this.#largestId = largestId;
  }

  /** Of the newest event; 0: there is none. */
  get lastId(): number {
    return this.#lastId;
  }

  /** What came after an event with a smaller id is not known as a whole. */
  get forgottenId(): number {
    return this.#forgottenId ?? 0;
  }

  /** Lines that are left out though they should be events. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Takes the next line; null: it was no JSON object, or far too long for one of ours. */
  add(line: Line | null): void {
    if (line === null) {
      this.#skipped++;
      return;
    }
    if (line['type'] === 'lines_lost') this.#forgottenId = this.#lastId + 1;
    if (!TYPES.has(line['type']) || line['id'] === undefined) return;
    const event = restored(line);
    if (event === null || event.id <= this.#lastId || event.id > this.#largestId) {
      this.#skipped++;
      return;
    }
    this.#lastId = event.id;
    if (event.isObserved) this.observed.push(event);
    else this.#forgottenId = this.held.push(event)?.id ?? this.#forgottenId ?? event.id - 1;
  }
}

function restored(line: Line): KeptEvent | null {
  const { id, time, type, class: endClass } = line;
  if (typeof id !== 'string' || !/^\d{1,16}$/.test(id) || typeof time !== 'string') return null;
  if (endClass !== undefined && !isClass(endClass)) return null;
  const group = type === 'incident' && line['scope'] === 'group' ? line['value'] : line['group'];
  const { peer } = line;
  const isOfPeer = typeof group === 'string' && typeof peer === 'string';
  if (type !== 'incident' && !isOfPeer) return null;
  return new KeptEvent(
    Number(id),
    {
      type: type as KeptEvent['type'],
      group: typeof group === 'string' ? group : undefined,
      peer: typeof peer === 'string' ? peer : undefined,
      class: endClass,
    },
    () => textOf(id, { ...line, group, duration_s: line['duration_s'] ?? line['connect_s'] }),
  );
}

function isClass(value: unknown): value is DisconnectClass {
  return DISCONNECT_CLASSES.some((known) => known === value);
}

/** The keys that the list has, and no more of what others wrote. */
function textOf(id: string, line: Line): string {
  const event: Record<string, unknown> = { id };
  for (const key of TEXTS_BEFORE_LABELS) if (typeof line[key] === 'string') event[key] = line[key];
  const labels = labelsOf(line['labels']);
  if (labels !== null) event['labels'] = labels;
  const keys = line['type'] === 'observed_ended' ? OBSERVED_KEYS : KEYS;
  for (const [key, kind] of keys) if (typeof line[key] === kind) event[key] = line[key];
  return JSON.stringify(event);
}

function labelsOf(written: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof written !== 'object' || written === null) return null;
  const texts = Object.entries(written).filter(([, value]) => typeof value === 'string');
  return texts.length === 0 ? null : Object.fromEntries(texts);
}
