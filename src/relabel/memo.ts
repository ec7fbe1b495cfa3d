/** Results for longer keys are not kept: values come from outside, and memory is bounded. */
const LONGEST_KEY = 256;

/**
 * Remembers what a function without side effects gave for a text. At most `most` results are kept; when they are full, all
 * are forgotten, since a list by last use would cost more than what it saves.
 */
export class Memo<Result extends boolean | object | string | null> {
  readonly #most: number;
  readonly #compute: (key: string) => Result;
  readonly #known = new Map<string, Result>();

  constructor(most: number, compute: (key: string) => Result) {
    this.#most = most;
    this.#compute = compute;
  }

  get(key: string): Result {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const result = this.#compute(key);
    if (key.length > LONGEST_KEY) return result;
    if (this.#known.size >= this.#most) this.#known.clear();
    this.#known.set(key, result);
    return result;
  }
}
