import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { Sink } from '../../events/bus.ts';
import { CONNECTION_EVENT_NAMES } from '../../explanations/connection-fields.ts';
import { describeEvent } from './describe-event.ts';
import type { EventQuery } from './event-query.ts';
import type { EventRing } from './event-ring.ts';
import { type EventFacts, KeptEvent } from './kept-event.ts';
import { RestoredEvents } from './restored-events.ts';

/** What a stream of events reads. */
export type EventFeed = {
  /** The id of the newest event, or of the one before the first. */
  lastId(): number;
  /** Those after this id that are kept, the oldest first, at most so many. */
  after(id: number, most: number): readonly KeptEvent[];
  /** Whether events that came after this one are forgotten, or it is of another run. */
  isGapAfter(id: number): boolean;
  /** Calls back with each event from now on, until the function that it returns is called. */
  follow(listener: (event: KeptEvent) => void): () => void;
};

export type RecentEvents = EventFeed & {
  readonly sink: Sink;
  /** Each as the JSON text of a `RecentEvent`, the newest first. Found while it is read: what is forgotten meanwhile is left out. */
  query(query: EventQuery): Iterable<string>;
};

/** What one request may ask for, and a few hundred bytes each, at most 2 KB where many addresses were tried: a few megabytes in all. */
const KEPT = 1000;

export type RecentEventsOptions = {
  /** The number before that of the first event of this run. */
  readonly lastId: number;
  /** Events of runs before; they are taken over. */
  readonly restored?: RestoredEvents;
};

/** What can be remembered of the runs before this one. `largestId`: no event of theirs can have a larger id. */
export function createRestoredEvents(largestId: number): RestoredEvents {
  return new RestoredEvents({ kept: KEPT, largestId });
}

/**
 * Remembers the last 1,000 events, and besides them the last 1,000 abnormal ends: peers that come and go in order cannot
 * push out the one end that people look for. Both rings are bounded whatever happens. Events have their numbers as ids.
 */
export function createRecentEvents({ lastId, restored = createRestoredEvents(0) }: RecentEventsOptions): RecentEvents {
  return new Remembered(lastId, restored);
}

class Remembered implements RecentEvents {
  readonly #all: EventRing;
  readonly #abnormal: EventRing;
  /** Nothing is known of events between these two: they were before this run, and are in no journal. */
  readonly #unknown: { readonly after: number; readonly until: number };
  readonly #listeners = new Set<(event: KeptEvent) => void>();
  #lastId: number;
  /** All up to this one are forgotten, or never were. */
  #forgottenId: number;

  readonly sink: Sink = {
    connection: (event) => this.#add(event),
    incident: (event) => this.#add(event),
  };

  constructor(lastId: number, { all, abnormal, lastId: restoredId, forgottenId }: RestoredEvents) {
    this.#all = all;
    this.#abnormal = abnormal;
    this.#lastId = lastId;
    this.#unknown = { after: restoredId, until: lastId };
    this.#forgottenId = restoredId === 0 ? lastId : forgottenId;
  }

  lastId(): number {
    return this.#lastId;
  }

  isGapAfter(id: number): boolean {
    const { after, until } = this.#unknown;
    return id < this.#forgottenId || id > this.#lastId || (id > after && id < until);
  }

  after(id: number, most: number): readonly KeptEvent[] {
    const { oldestId } = this.#all;
    const old = this.#abnormal.after(id, most).filter((event) => event.id < oldestId);
    return old.length === most ? old : [...old, ...this.#all.after(id, most - old.length)];
  }

  follow(listener: (event: KeptEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  *query(query: EventQuery): Iterable<string> {
    const { sinceId = 0 } = query;
    let left = query.limit;
    let oldestOfAll = Number.POSITIVE_INFINITY;
    for (const event of this.#all.newestFirst()) {
      if (event.id <= sinceId) return;
      oldestOfAll = event.id;
      if (!event.matches(query)) continue;
      yield event.text;
      if (--left === 0) return;
    }
    for (const event of this.#abnormal.newestFirst()) {
      if (event.id <= sinceId) return;
      if (event.id >= oldestOfAll || !event.matches(query)) continue;
      yield event.text;
      if (--left === 0) return;
    }
  }

  #add(event: ConnectionEvent | IncidentChanged): void {
    const { eventId } = event;
    if (eventId === undefined) return;
    this.#lastId = eventId;
    const kept = new KeptEvent(eventId, factsOf(event), () => JSON.stringify(describeEvent(eventId, event)));
    this.#forgottenId = this.#all.push(kept)?.id ?? this.#forgottenId;
    if (kept.isAbnormalEnd) this.#abnormal.push(kept);
    for (const listener of this.#listeners) listener(kept);
  }
}

function factsOf(event: ConnectionEvent | IncidentChanged): EventFacts {
  if (event.type === 'incident') {
    const group = event.scope.kind === 'group' ? event.scope.value : undefined;
    return { type: event.type, group, peer: undefined, class: undefined };
  }
  const { group, peer } = event.peer;
  const endClass = event.type === 'disconnected' || event.type === 'explained' ? event.class : undefined;
  return { type: CONNECTION_EVENT_NAMES[event.type], group, peer, class: endClass };
}
