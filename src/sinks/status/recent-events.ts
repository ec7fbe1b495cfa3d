import { isAbnormal } from '../../domain/disconnect.ts';
import type { EventQuery } from './event-query.ts';
import type {
  ConnectFailed,
  ConnectionEvent,
  Disconnected,
  LocalClosed,
  TraceRef,
} from '../../domain/events/connection-events.ts';
import { presentLabels } from '../../domain/present-labels.ts';
import type { Sink } from '../../events/bus.ts';
import {
  CONNECTION_EVENT_NAMES,
  type ConnectionEventName,
  triedAddresses,
} from '../../explanations/connection-fields.ts';
import { disconnectDetail } from '../../explanations/reason-words.ts';
import type { TargetLabels } from '../../settings/target-labels.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';

/** One event as `GET /api/v1/events` shows it. What is unknown or does not apply is absent. */
export type RecentEvent = {
  /** Grows by one with each event since the process started. */
  readonly id: number;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  readonly type: ConnectionEventName;
  readonly group: string;
  readonly peer: string;
  /** Its target labels, where it has any. */
  readonly labels?: TargetLabels;
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly errno?: string;
  /** One sentence, where more is known than the reason: of a failed attempt what was expected and what came. */
  readonly detail?: string;
  /** The addresses of an attempt and how each went, where more than one was tried; as in a line of the log. */
  readonly tried?: string;
  /** Age of the connection at its end; of a failed or successful connect: how long the attempt took. */
  readonly duration_s?: number;
  readonly idle_s?: number;
  readonly quiet_s?: number;
  readonly trace_id?: string;
};

export type RecentEvents = {
  readonly sink: Sink;
  /** Each as the JSON text of a `RecentEvent`, the newest first. Found while it is read: what is forgotten meanwhile is left out. */
  query(query: EventQuery): Iterable<string>;
};

/** What one request may ask for, and a few hundred bytes each, at most 2 KB where many addresses were tried: a few megabytes in all. */
const KEPT = 1000;

/** An event as it came, and from the first time that somebody asks on its text: most are forgotten before. */
class Kept {
  readonly id: number;
  #content: ConnectionEvent | string;
  readonly group: string;
  readonly peer: string;
  readonly class: string | undefined;

  constructor(id: number, event: ConnectionEvent) {
    this.id = id;
    this.#content = event;
    this.group = event.peer.group;
    this.peer = event.peer.peer;
    this.class = event.type === 'disconnected' ? event.class : undefined;
  }

  get text(): string {
    if (typeof this.#content === 'string') return this.#content;
    const event: RecentEvent = { id: this.id, ...summaryOf(this.#content) };
    return (this.#content = JSON.stringify(event));
  }
}

/**
 * Remembers the last 1,000 events, and besides them the last 1,000 abnormal ends: peers that come and go in order cannot
 * push out the one end that people look for. Both rings are bounded whatever happens.
 */
export function createRecentEvents(): RecentEvents {
  const all = new Ring<Kept>(KEPT);
  const abnormal = new Ring<Kept>(KEPT);
  let nextId = 1;
  return {
    sink: {
      connection(event) {
        const kept = new Kept(nextId++, event);
        all.push(kept);
        if (event.type === 'disconnected' && isAbnormal(event.class)) abnormal.push(kept);
      },
    },
    *query(query) {
      let left = query.limit;
      let oldestOfAll = nextId;
      for (const event of all.newestFirst()) {
        oldestOfAll = event.id;
        if (!matches(event, query)) continue;
        yield event.text;
        if (--left === 0) return;
      }
      for (const event of abnormal.newestFirst()) {
        if (event.id >= oldestOfAll || !matches(event, query)) continue;
        yield event.text;
        if (--left === 0) return;
      }
    },
  };
}

function matches(event: Kept, query: EventQuery): boolean {
  return (
    (query.group === undefined || event.group === query.group) &&
    (query.peer === undefined || event.peer === query.peer) &&
    (query.class === undefined || event.class === query.class)
  );
}

type Summary = Omit<RecentEvent, 'id'>;

function summaryOf(event: ConnectionEvent): Summary {
  switch (event.type) {
    case 'connected':
      return { ...head(event), ...triedOf(event), duration_s: toSeconds(event.timings.totalMs), ...traceOf(event) };
    case 'connectFailed':
      return {
        ...head(event),
        reason: event.reason,
        phase: event.phase,
        ...errnoOf(event),
        ...detailOf(event.detail),
        ...triedOf(event),
        duration_s: toSeconds(event.timings.totalMs),
        ...traceOf(event),
      };
    case 'disconnected':
      return {
        ...head(event),
        class: event.class,
        reason: event.reason,
        ...errnoOf(event),
        ...detailOf(disconnectDetail(event)),
        ...endOf(event),
      };
    case 'localClosed':
      return { ...head(event), reason: event.reason, ...endOf(event) };
  }
}

function head({ type, at, peer, connectionId }: ConnectionEvent): Summary {
  const labels = presentLabels(peer.labels);
  return {
    time: timestamp(at),
    type: CONNECTION_EVENT_NAMES[type],
    group: peer.group,
    peer: peer.peer,
    ...(labels === undefined ? {} : { labels }),
    connection_id: connectionId,
  };
}

function endOf(event: Disconnected | LocalClosed): Partial<Summary> {
  const { durationMs, idleMs, quietMs } = event;
  return {
    duration_s: toSeconds(durationMs),
    idle_s: toSeconds(idleMs),
    quiet_s: toSeconds(quietMs),
    ...traceOf(event),
  };
}

function errnoOf({ errno }: { readonly errno?: string }): Partial<Summary> {
  return errno === undefined ? {} : { errno };
}

function detailOf(detail: string | undefined): Partial<Summary> {
  return detail === undefined ? {} : { detail };
}

function triedOf(event: Pick<ConnectFailed, 'tried'>): Partial<Summary> {
  const tried = triedAddresses(event.tried);
  return tried === undefined ? {} : { tried };
}

function traceOf({ trace }: { readonly trace?: TraceRef }): Partial<Summary> {
  return trace?.recorded ? { trace_id: trace.traceId } : {};
}

/** The last so many items. */
class Ring<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #pushed = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items[this.#pushed++ % this.#capacity] = item;
  }

  /** Items that are pushed while it is read are not in it; it ends early where they took the place of one. */
  *newestFirst(): Iterable<T> {
    for (let i = this.#pushed - 1; i >= 0 && i >= this.#pushed - this.#capacity; i--) {
      yield this.#items[i % this.#capacity] as T;
    }
  }
}
