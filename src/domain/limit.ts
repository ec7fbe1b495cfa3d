/** The lengths that ended connections share. Milliseconds. */
export type LimitRange = { readonly leastMs: number; readonly mostMs: number };

/** `ends` of `of` ends show it. */
type Evidence = { readonly ends: number; readonly of: number };

/** A limit of time that the ends of a group show. */
export type Limit =
  /**
   * They came after the same silence of packets, of payload, or of both: then it cannot be told which is counted. At least one
   * of the two is there. `age`: they came at the same age, too, and which of the three is limited cannot be told.
   */
  | (Evidence & {
      readonly kind: 'silence';
      readonly packets: LimitRange | null;
      readonly payload: LimitRange | null;
      readonly age: LimitRange | null;
    })
  /** They came at the same age, after different silences. */
  | (Evidence & { readonly kind: 'age'; readonly age: LimitRange })
  /** Packets of ours found the path dead, each after at least `atMostMs` of silence; the longest silence that was survived is shorter. */
  | (Evidence & { readonly kind: 'silenceAtMost'; readonly survivedMs: number; readonly atMostMs: number });
