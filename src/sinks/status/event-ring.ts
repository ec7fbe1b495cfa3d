import type { KeptEvent } from './kept-event.ts';

/** The last so many events, in the order of their ids. */
export class EventRing {
  readonly #events: KeptEvent[] = [];
  readonly #capacity: number;
  #pushed = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The event whose place it took, if any. */
  push(event: KeptEvent): KeptEvent | undefined {
    const place = this.#pushed++ % this.#capacity;
    const forgotten = this.#events[place];
    this.#events[place] = event;
    return forgotten;
  }

  /** Events that are pushed while it is read are not in it; it ends early where they took the place of one. */
  *newestFirst(): Iterable<KeptEvent> {
    for (let i = this.#pushed - 1; i >= this.#oldest; i--) yield this.#at(i);
  }

  get oldestId(): number {
    return this.#pushed === 0 ? Number.POSITIVE_INFINITY : this.#at(this.#oldest).id;
  }

  /** Those after this id, the oldest first, at most so many. */
  after(id: number, most: number): readonly KeptEvent[] {
    let [low, high] = [this.#oldest, this.#pushed];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle).id > id) high = middle;
      else low = middle + 1;
    }
    const until = Math.min(this.#pushed, low + most);
    return Array.from({ length: until - low }, (_, i) => this.#at(low + i));
  }

  get #oldest(): number {
    return Math.max(0, this.#pushed - this.#capacity);
  }

  #at(index: number): KeptEvent {
    return this.#events[index % this.#capacity] as KeptEvent;
  }
}
