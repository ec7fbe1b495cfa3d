/** What waits, in its order; taking one costs the same however many wait. */
export class Queue<Each> {
  #items: (Each | undefined)[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#items.length;
  }

  get head(): Each | undefined {
    return this.#items[this.#next];
  }

  push(item: Each): void {
    this.#items.push(item);
  }

  shift(): Each | undefined {
    const item = this.#items[this.#next];
    this.#items[this.#next++] = undefined; // what it holds may be much, and the last one far
    if (this.#next < this.#items.length) return item;
    this.#items = [];
    this.#next = 0;
    return item;
  }
}
