/** The middle of a list, the mean of the two middle ones where their number is even. NaN of an empty list. */
export function median(list: readonly number[]): number {
  const sorted = list.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The smallest value that at least this share (0..1) of the list does not exceed (nearest rank). NaN of an empty list. */
export function percentile(list: readonly number[], share: number): number {
  const sorted = list.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** The most of a list of moments that lie in any window of this length, its end not included. */
export function mostWithin(moments: readonly number[], window: number): number {
  const sorted = moments.toSorted((one, other) => one - other);
  let first = 0;
  let most = 0;
  for (const [last, moment] of sorted.entries()) {
    while (moment - (sorted[first] ?? moment) >= window) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** How far the values lie apart. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number; readonly count: number };

/** Median, least and greatest of a list that is not empty. */
export function spreadOf(list: readonly number[]): Spread {
  return { median: median(list), min: Math.min(...list), max: Math.max(...list), count: list.length };
}
