/** What became of spans, since the start. */
export type SpanCounts = {
  readonly exported: number;
  /** Handed to a request that the collector did not accept, or partly, or not in time. */
  readonly failed: number;
  /** Never handed to a request: the queue was full, or the time to flush was over. */
  readonly dropped: number;
  /** Not made: more than the rate limit allows, or one more failure of a peer that is down anyway. */
  readonly suppressed: number;
};

/** What became of a span; the label `outcome`. */
export type SpanOutcome = keyof SpanCounts;
