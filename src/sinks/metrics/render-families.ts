import { familyHeader } from './exposition-text.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Pace } from '../../clock/turn-slices.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** One write to the socket: large enough to be cheap, small enough to compress in well under a millisecond. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * The exposition of these families, in pieces. The lines of one family stay together, as both formats demand. The pace
 * is asked between two slices, and so after the reader's own work on a piece.
 */
export async function* renderFamilies(
  families: readonly SlicedFamily[],
  format: ExpositionFormat,
  pace: Pace,
): AsyncIterable<string> {
  let piece = '';
  for (const family of families) {
    piece += familyHeader(family, format);
    if (pace.isOver()) await pace.next();
    for await (const lines of family.slices(format)) {
      piece += lines;
      if (piece.length >= PIECE_CHARACTERS) {
        yield piece;
        piece = '';
      }
      if (pace.isOver()) await pace.next();
    }
  }
  yield format === 'openmetrics' ? `${piece}# EOF\n` : piece;
}
