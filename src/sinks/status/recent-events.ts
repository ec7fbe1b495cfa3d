import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { Sink } from '../../events/bus.ts';
import { CONNECTION_EVENT_NAMES } from '../../explanations/connection-fields.ts';
import type { ListedObservedEvent } from '../../explanations/observed-fields.ts';
import { describeEvent } from './describe-event.ts';
import { observedFacts, observedText } from './describe-observed.ts';
import type { EventQuery } from './event-query.ts';
import type { EventMemory } from './event-memory.ts';
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
 * Remembers the last 1,000 events and the last 1,000 abnormal ends, and apart from them as many of observed connections: an
 * application that makes thousands of connections a second pushes out nothing of ours. All are bounded whatever happens.
 * Events have their numbers as ids.
 */
export function createRecentEvents({ lastId, restored = createRestoredEvents(0) }: RecentEventsOptions): RecentEvents {
  return new Remembered(lastId, restored);
}

class Remembered implements RecentEvents {
  readonly #held: EventMemory;
  readonly #observed: EventMemory;
  /** Nothing is known of events between these two: they were before this run, and are in no journal. */
  readonly #unknown: { readonly after: number; readonly until: number };
  readonly #listeners = new Set<(event: KeptEvent) => void>();
  #lastId: number;
  /** All up to this one are forgotten, or never were. */
  #forgottenId: number;

  readonly sink: Sink = {
    connection: (event) => this.#add(event),
    incident: (event) => this.#add(event),
    observed: (event) => {
      if (event.type === 'observedConnected' || event.type === 'observedEnded') this.#addObserved(event);
    },
  };

  constructor(lastId: number, { held, observed, lastId: restoredId, forgottenId }: RestoredEvents) {
    this.#held = held;
    this.#observed = observed;
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
    const both = [...this.#held.after(id, most), ...this.#observed.after(id, most)];
    return both.toSorted((one, other) => one.id - other.id).slice(0, most);
  }

  follow(listener: (event: KeptEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  *query(query: EventQuery): Iterable<string> {
    const { sinceId = 0 } = query;
    let left = query.limit;
    for (const event of newestOfBoth(this.#held.newestFirst(), this.#observed.newestFirst())) {
      if (event.id <= sinceId) return;
      if (!event.matches(query)) continue;
      yield event.text;
      if (--left === 0) return;
    }
  }

  #add(event: ConnectionEvent | IncidentChanged): void {
    const { eventId } = event;
    if (eventId === undefined) return;
    const kept = new KeptEvent(eventId, factsOf(event), () => JSON.stringify(describeEvent(eventId, event)));
    this.#forgottenId = this.#held.push(kept)?.id ?? this.#forgottenId;
    this.#publish(kept);
  }

  /** What is forgotten of them is no gap: a reader who has lost nothing of Finrst's own would be told so all the time. */
  #addObserved(event: ListedObservedEvent): void {
    const { eventId } = event;
    if (eventId === undefined) return;
    const kept = new KeptEvent(eventId, observedFacts(event), () => observedText(eventId, event));
    this.#observed.push(kept);
    this.#publish(kept);
  }

  #publish(event: KeptEvent): void {
    this.#lastId = event.id;
    for (const listener of this.#listeners) listener(event);
  }
}

function* newestOfBoth(one: Iterable<KeptEvent>, other: Iterable<KeptEvent>): Iterable<KeptEvent> {
  const left = one[Symbol.iterator]();
  const right = other[Symbol.iterator]();
  let [first, second] = [left.next(), right.next()];
  while (first.done !== true || second.done !== true) {
    if (second.done === true || (first.done !== true && first.value.id > second.value.id)) {
      yield first.value as KeptEvent;
      first = left.next();
    } else {
      yield second.value;
      second = right.next();
    }
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
