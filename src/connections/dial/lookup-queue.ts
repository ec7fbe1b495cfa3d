/**
 * What is known of a name when its look-up waits, in the order in which look-ups begin: it is in the hosts file; it answered
 * before; it was never asked, or failed quickly; its last look-up took long.
 */
export const LOOKUP_RANKS = ['hosts', 'answered', 'new', 'slow'] as const;
export type LookupRank = (typeof LOOKUP_RANKS)[number];

/** One rank's look-ups: those that wait, in the order they came, and how many run. */
type Lane<Lookup> = {
  /** Of all places, those that this rank and the ranks behind it may take together. */
  readonly limit: number;
  readonly waiting: Set<Lookup>;
  running: number;
};

/**
 * Decides which look-up begins next, where only so many can run at a time and each may hang for many seconds. A better rank
 * begins first, and keeps places of its own: names that hang take at most half, names never asked three quarters with
 * them, and a few are left to the hosts file. Within a rank first come, first served.
 */
export class LookupQueue<Lookup extends object> {
  readonly #lanes: Readonly<Record<LookupRank, Lane<Lookup>>>;

  /** @param places look-ups that may run at a time, at least 1 */
  constructor(places: number) {
    const lane = (kept: number): Lane<Lookup> => ({
      limit: Math.max(1, places - kept),
      waiting: new Set(),
      running: 0,
    });
    this.#lanes = {
      hosts: lane(0),
      answered: lane(Math.floor(places / 16)),
      new: lane(Math.floor(places / 4)),
      slow: lane(Math.ceil(places / 2)),
    };
  }

  add(lookup: Lookup, rank: LookupRank): void {
    this.#lanes[rank].waiting.add(lookup);
  }

  /** The look-up that begins now: it takes a place until `done`. Null: none waits, or none that waits may begin. */
  next(): { readonly lookup: Lookup; readonly rank: LookupRank } | null {
    for (const rank of LOOKUP_RANKS) {
      const lane = this.#lanes[rank];
      const [lookup] = lane.waiting;
      if (lookup === undefined || !this.#hasPlace(rank)) continue;
      lane.waiting.delete(lookup);
      lane.running++;
      return { lookup, rank };
    }
    return null;
  }

  /** A look-up that began in this rank gives its place back. */
  done(rank: LookupRank): void {
    this.#lanes[rank].running--;
  }

  /** Those that wait take the rank that they have now; within a rank they keep their order. */
  rerank(rankOf: (lookup: Lookup) => LookupRank): void {
    const waiting = LOOKUP_RANKS.flatMap((rank) => [...this.#lanes[rank].waiting]);
    for (const rank of LOOKUP_RANKS) this.#lanes[rank].waiting.clear();
    for (const lookup of waiting) this.add(lookup, rankOf(lookup));
  }

  /** Whether a rank may take one more place: each of the limits that it counts into must have room. */
  #hasPlace(rank: LookupRank): boolean {
    const counting = LOOKUP_RANKS.slice(0, LOOKUP_RANKS.indexOf(rank) + 1);
    return counting.every((each) => this.#runningFrom(each) < this.#lanes[each].limit);
  }

  #runningFrom(rank: LookupRank): number {
    const behind = LOOKUP_RANKS.slice(LOOKUP_RANKS.indexOf(rank));
    return behind.reduce((sum, each) => sum + this.#lanes[each].running, 0);
  }
}
