/** The value below which the share `p` of all values lies; NaN of none. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

/** `0.4`, `12`, `6850`: one decimal where it means something. Event times are cut off to the millisecond, so -0.9 is possible. */
export function milliseconds(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '';
  const rounded = Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

/** `40 error/reset`, `33 end, close(false); 7 error ECONNRESET, close(true)`: the most frequent first. */
export function tally(counts: ReadonlyMap<string, number>): string {
  const entries = [...counts].sort(([, a], [, b]) => b - a);
  return entries.length === 1 ? entries[0]![0] : entries.map(([what, times]) => `${times} × ${what}`).join('; ');
}

/** Each word with how often it occurs. */
export function countWords(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
