/**
 * Work that waits for its turn: one item of each source after the other, each source's own in their order. At most so
 * many wait in all; when they do, a source with fewer waiting takes the place of the newest item of the one with most.
 */
export class FairQueue<Item> {
  readonly #most: number;
  /** Sources with something to do, in the order of their turns. */
  readonly #waiting = new Map<string, Item[]>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** What found no place: this item, or one that had to make room for it; null: nothing. */
  push(source: string, item: Item): Item | null {
    const own = this.#waiting.get(source) ?? [];
    let out: Item | null = null;
    if (this.#size === this.#most) {
      const longest = this.#longest();
      if (longest.length < own.length + 2) return item; // it would only change who has most
      out = longest.pop() ?? null;
      this.#size--;
    }
    own.push(item);
    this.#size++;
    this.#waiting.set(source, own);
    return out;
  }

  /** The next one; its source then waits behind all others. */
  shift(): Item | undefined {
    for (const [source, items] of this.#waiting) {
      this.#waiting.delete(source);
      const item = items.shift();
      this.#size--;
      if (items.length > 0) this.#waiting.set(source, items);
      return item;
    }
    return undefined;
  }

  #longest(): Item[] {
    let longest: Item[] = [];
    for (const items of this.#waiting.values()) if (items.length > longest.length) longest = items;
    return longest;
  }
}
