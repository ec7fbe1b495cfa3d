/** Pairs of the kind of an end and how often it was, one after the other. */
export type CountedEnds = readonly number[];

const NONE: CountedEnds = [];

/** How often each peer ended in each way, by row. Only what happened takes memory: most peers know two or three kinds of end. */
export class EndCounts {
  readonly #rows: (number[] | undefined)[] = [];

  /** One more end of this kind. */
  add(row: number, kind: number): void {
    const counts = this.#rows[row] ?? [];
    this.#rows[row] = counts;
    for (let i = 0; i < counts.length; i += 2) {
      if (counts[i] !== kind) continue;
      counts[i + 1] = (counts[i + 1] ?? 0) + 1;
      return;
    }
    counts.push(kind, 1);
  }

  of(row: number): CountedEnds {
    return this.#rows[row] ?? NONE;
  }

  /** The row begins anew. */
  clear(row: number): void {
    if (row in this.#rows) this.#rows[row] = undefined;
  }
}
