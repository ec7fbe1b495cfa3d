/**
 * Whether the n-th failure in a row (1, 2, 3, ...) is worth a line or a span: the 1st, 2nd, 4th, 8th, ... are, so a peer
 * that is down for a week costs a handful, and the first is never missed.
 */
export function isWorthTelling(failuresInARow: number): boolean {
  return failuresInARow > 0 && (failuresInARow & (failuresInARow - 1)) === 0;
}
