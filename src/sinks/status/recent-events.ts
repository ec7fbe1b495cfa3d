import { isAbnormal } from '../../domain/disconnect.ts';
import type { EventQuery } from './event-query.ts';
import type { ConnectionEvent, Disconnected, LocalClosed, TraceRef } from '../../domain/events/connection-events.ts';
import type { Sink } from '../../events/bus.ts';
import { CONNECTION_EVENT_NAMES, type ConnectionEventName } from '../../explanations/connection-fields.ts';
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
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly errno?: string;
  /** Age of the connection at its end; of a failed or successful connect: how long the attempt took. */
  readonly duration_s?: number;
  readonly idle_s?: number;
  readonly trace_id?: string;
};

export type RecentEvents = {
  readonly sink: Sink;
  /** The newest first. */
  query(query: EventQuery): readonly RecentEvent[];
};

/** What one request may ask for, and a few hundred bytes each: under a megabyte in all. */
const KEPT = 1000;

/**
 * Remembers the last 1,000 events, and besides them the last 1,000 abnormal ends: peers that come and go in order cannot
 * push out the one end that people look for. Both rings are bounded whatever happens.
 */
export function createRecentEvents(): RecentEvents {
  const all = new Ring<RecentEvent>(KEPT);
  const abnormal = new Ring<RecentEvent>(KEPT);
  let nextId = 1;
  return {
    sink: {
      connection(event) {
        const recent: RecentEvent = { id: nextId++, ...summaryOf(event) };
        all.push(recent);
        if (event.type === 'disconnected' && isAbnormal(event.class)) abnormal.push(recent);
      },
    },
    query(query) {
      const oldestOfAll = all.newestFirst().at(-1)?.id ?? 0;
      const evicted = abnormal.newestFirst().filter(({ id }) => id < oldestOfAll);
      return [...all.newestFirst(), ...evicted].filter((event) => matches(event, query)).slice(0, query.limit);
    },
  };
}

function matches(event: RecentEvent, query: EventQuery): boolean {
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
      return { ...head(event), duration_s: toSeconds(event.timings.totalMs), ...traceOf(event) };
    case 'connectFailed':
      return {
        ...head(event),
        reason: event.reason,
        phase: event.phase,
        ...errnoOf(event),
        duration_s: toSeconds(event.timings.totalMs),
        ...traceOf(event),
      };
    case 'disconnected':
      return {
        ...head(event),
        class: event.class,
        reason: event.reason,
        ...errnoOf(event),
        ...endOf(event),
      };
    case 'localClosed':
      return { ...head(event), reason: event.reason, ...endOf(event) };
  }
}

function head({ type, at, peer, connectionId }: ConnectionEvent): Summary {
  return {
    time: timestamp(at),
    type: CONNECTION_EVENT_NAMES[type],
    group: peer.group,
    peer: peer.peer,
    connection_id: connectionId,
  };
}

function endOf(event: Disconnected | LocalClosed): Partial<Summary> {
  return { duration_s: toSeconds(event.durationMs), idle_s: toSeconds(event.idleMs), ...traceOf(event) };
}

function errnoOf({ errno }: { readonly errno?: string }): Partial<Summary> {
  return errno === undefined ? {} : { errno };
}

function traceOf({ trace }: { readonly trace?: TraceRef }): Partial<Summary> {
  return trace?.recorded ? { trace_id: trace.traceId } : {};
}

/** The last so many items. */
class Ring<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  newestFirst(): readonly T[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)].reverse();
  }
}
