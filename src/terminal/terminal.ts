import type { Sink } from '../events/bus.ts';
import type { PeerSummary } from './watch-summary.ts';

/** A view on stdout that is written as things happen, and sums up at the end. */
export type Terminal = {
  readonly sink: Sink;
  /** Prints a sentence about the run itself: for people alone. */
  readonly note: (text: string) => void;
  /** Prints the summary over `watchedMs`. Call it once, after the last event. */
  readonly summarize: (watchedMs: number) => void;
  /** What became of each peer so far, in the order in which they appeared. */
  readonly peers: () => readonly PeerSummary[];
  /** Prints columns of text after an empty line; the first row is the header. */
  readonly table: (rows: readonly (readonly string[])[]) => void;
};
