import { familyHeader } from './exposition-text.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Clock } from '../../clock/clock.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** One write to the socket: large enough to be cheap, small enough to compress in well under a millisecond. */
const PIECE_CHARACTERS = 64 * 1024;

/** How long the event loop is held before sockets get their turn: what a reader waits for is then at most a few of these. */
const BUDGET_MS = 2;

/**
 * The exposition of these families, in pieces. The lines of one family stay together, as both formats demand. After each
 * few milliseconds, the reader's own work between two pieces included, everybody else gets a turn.
 */
export async function* renderFamilies(
  families: readonly SlicedFamily[],
  format: ExpositionFormat,
  clock: Clock,
): AsyncIterable<string> {
  let piece = '';
  let turnBegan = clock.monotonic();
  for (const family of families) {
    piece += familyHeader(family, format);
    for await (const lines of family.slices(format)) {
      piece += lines;
      if (piece.length >= PIECE_CHARACTERS) {
        yield piece;
        piece = '';
      }
      if (clock.monotonic() - turnBegan >= BUDGET_MS) {
        await nextTurn(clock);
        turnBegan = clock.monotonic();
      }
    }
  }
  yield format === 'openmetrics' ? `${piece}# EOF\n` : piece;
}

function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.afterPoll(resolve));
}
