import { EventRing } from './event-ring.ts';
import type { KeptEvent } from './kept-event.ts';

/** The last so many events, and besides them as many abnormal ends: what goes well cannot push out the one end that people look for. */
export class EventMemory {
  readonly #all: EventRing;
  readonly #abnormal: EventRing;

  constructor(capacity: number) {
    this.#all = new EventRing(capacity);
    this.#abnormal = new EventRing(capacity);
  }

  /** The event whose place it took among the last ones, if any. Ids grow. */
  push(event: KeptEvent): KeptEvent | undefined {
    if (event.isAbnormalEnd) this.#abnormal.push(event);
    return this.#all.push(event);
  }

  /** Found while it is read: what is forgotten meanwhile is left out, and so is what comes. */
  *newestFirst(): Iterable<KeptEvent> {
    let oldest = Number.POSITIVE_INFINITY;
    for (const event of this.#all.newestFirst()) {
      oldest = event.id;
      yield event;
    }
    for (const event of this.#abnormal.newestFirst()) if (event.id < oldest) yield event;
  }

  /** Those after this id, the oldest first, at most so many. */
  after(id: number, most: number): readonly KeptEvent[] {
    const { oldestId } = this.#all;
    const old = this.#abnormal.after(id, most).filter((event) => event.id < oldestId);
    return old.length === most ? old : [...old, ...this.#all.after(id, most - old.length)];
  }
}
