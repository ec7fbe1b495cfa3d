import { familyHeader } from './exposition-text.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Pace } from '../../clock/turn-slices.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** One write to the socket: large enough to be cheap, small enough to compress in well under a millisecond. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * The exposition of these families, in pieces of whole lines; bytes that are kept for the next scrape are no copies, so none
 * may change them. The lines of one family stay together, as both formats demand. The pace is asked between two slices, and so
 * after the reader's own work on a piece.
 */
export async function* renderFamilies(
  families: readonly SlicedFamily[],
  format: ExpositionFormat,
  pace: Pace,
): AsyncIterable<string | Buffer> {
  let text = '';
  for (const family of families) {
    text += familyHeader(family, format);
    if (pace.isOver()) await pace.next();
    for await (const slice of family.slices(format)) {
      if (typeof slice === 'string') text += slice;
      else if (slice.length > 0) {
        if (text !== '') yield text;
        text = '';
        yield slice;
      }
      if (text.length >= PIECE_CHARACTERS) {
        yield text;
        text = '';
      }
      if (pace.isOver()) await pace.next();
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}
