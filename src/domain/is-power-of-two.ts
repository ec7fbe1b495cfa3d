/**
 * Whether a count (1, 2, 3, ...) is a power of two. Repeated trouble is reported the 1st, 2nd, 4th, 8th, ... time: a peer
 * that is down for a week costs a handful of lines, and the first is never missed.
 */
export function isPowerOfTwo(count: number): boolean {
  return count > 0 && (count & (count - 1)) === 0;
}
