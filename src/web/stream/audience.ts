import type { EventFilter } from '../../sinks/status/event-query.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';
import type { EventReader } from './event-reader.ts';
import { type BurstCounts, burstMessage, eventMessage } from './stream-text.ts';

/** Readers that want the same, and what came for them since they were last told. */
export class Audience {
  readonly filter: EventFilter;
  readonly readers = new Set<EventReader>();
  #events: KeptEvent[] = [];
  #burst = new Burst();
  #lastId = 0;

  constructor(filter: EventFilter) {
    this.filter = filter;
  }

  /** @param isCounted it came among too many: it is counted, and let go of */
  add(event: KeptEvent, isCounted: boolean): void {
    if (!event.matches(this.filter)) return;
    this.#lastId = event.id;
    if (isCounted) this.#burst.add(event);
    else this.#events.push(event);
  }

  /** Too many came: those that wait to be told one by one are counted, those that are quiet or those that are not. */
  countWaiting(isQuiet: boolean): void {
    for (const event of this.#events) if (event.isQuiet === isQuiet) this.#burst.add(event);
    this.#events = this.#events.filter((event) => event.isQuiet !== isQuiet);
  }

  /** The messages of what came, which is forgotten with that, and a further one behind them; empty: nothing. */
  take(behind: string): Buffer {
    const [events, burst] = [this.#events, this.#burst];
    this.#events = [];
    if (!burst.isEmpty) this.#burst = new Burst();
    const counts = burst.isEmpty ? '' : burstMessage(this.#lastId, burst.counts);
    return Buffer.from(events.map(eventMessage).join('') + counts + behind);
  }
}

/** Counts of events, in numbers that grow with none of them. */
class Burst {
  readonly #types: Record<string, number> = {};
  readonly #classes: Record<string, number> = {};
  readonly #groups = new Set<string>();
  #events = 0;

  get isEmpty(): boolean {
    return this.#events === 0;
  }

  get counts(): BurstCounts {
    return { events: this.#events, types: this.#types, classes: this.#classes, groups: this.#groups.size };
  }

  add({ type, class: endClass, group }: KeptEvent): void {
    this.#events++;
    this.#types[type] = (this.#types[type] ?? 0) + 1;
    if (endClass !== undefined && type !== 'explained') this.#classes[endClass] = (this.#classes[endClass] ?? 0) + 1;
    if (group !== undefined) this.#groups.add(group);
  }
}
