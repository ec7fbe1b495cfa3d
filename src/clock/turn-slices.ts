import type { Clock } from './clock.ts';

/** Of two that wait, the one that goes first: a scrape, before everything else that reads. */
export type SliceRank = 'scrape' | 'other';

/** What long work asks between two of its steps. */
export type Pace = {
  /** Whether the time of this turn is used up: no further step before `next`. */
  isOver(): boolean;
  /** Resolves when it is this work's turn again. */
  next(): Promise<void>;
};

/** How long the event loop is held before sockets get their turn: what a reader waits for is then at most a few of these. */
const SLICE_MS = 0.25;
/** Others wait at most this many slices of scrapes, so that clients that scrape without a pause do not stop them. */
const SCRAPES_IN_A_ROW = 3;

/**
 * One time slice in each turn of the event loop, shared by all long work of one kind, however much there is. Work that
 * waits gets a whole slice in its order, scrapes first.
 */
export class TurnSlices {
  readonly #clock: Pick<Clock, 'monotonic' | 'afterPoll'>;
  readonly #waiting: Readonly<Record<SliceRank, (() => void)[]>> = { scrape: [], other: [] };
  /** Whether the slice of this turn was given. */
  #isGiven = false;
  #endsAt = 0;
  #scrapesInARow = 0;

  constructor(clock: Pick<Clock, 'monotonic' | 'afterPoll'>) {
    this.#clock = clock;
  }

  pace(rank: SliceRank): Pace {
    return { isOver: () => this.#isOver(), next: () => this.#next(rank) };
  }

  /** What asks first in a turn gets its slice without waiting. */
  #isOver(): boolean {
    if (!this.#isGiven) this.#give();
    return this.#clock.monotonic() >= this.#endsAt;
  }

  #next(rank: SliceRank): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting[rank].push(resolve);
    if (!this.#isGiven) this.#give();
    return promise;
  }

  #give(): void {
    this.#isGiven = true;
    this.#endsAt = this.#clock.monotonic() + SLICE_MS;
    this.#clock.afterPoll(() => {
      this.#isGiven = false;
      const goOn = this.#first();
      if (goOn === undefined) return;
      this.#give();
      goOn();
    });
  }

  #first(): (() => void) | undefined {
    const { scrape, other } = this.#waiting;
    const isScrape = scrape.length > 0 && (other.length === 0 || this.#scrapesInARow < SCRAPES_IN_A_ROW);
    this.#scrapesInARow = isScrape ? this.#scrapesInARow + 1 : 0;
    return (isScrape ? scrape : other).shift();
  }
}
