import type { Clock } from '../clock/clock.ts';
import type { ProcessFacts } from '../os/proc/process-facts.ts';

export type RecentOwnersOptions = {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly ask: (threadId: number) => ProcessFacts | null;
};

/** An id is not given to another thread so soon. */
const KEPT_MS = 1000;

/** The processes of threads that connected within the last second: a busy one is asked once in that time. */
export class RecentOwners {
  readonly #options: RecentOwnersOptions;
  readonly #known = new Map<number, ProcessFacts>();
  #until = 0;

  constructor(options: RecentOwnersOptions) {
    this.#options = options;
  }

  /** Null: it is gone, or may not be looked at. */
  of(threadId: number): ProcessFacts | null {
    const now = this.#options.clock.monotonic();
    if (now >= this.#until) {
      this.#known.clear();
      this.#until = now + KEPT_MS;
    }
    const known = this.#known.get(threadId);
    if (known !== undefined) return known;
    const asked = this.#options.ask(threadId);
    if (asked !== null) this.#known.set(threadId, asked);
    return asked;
  }
}
