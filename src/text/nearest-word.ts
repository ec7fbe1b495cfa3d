/** More mistakes than this make another word, not a slip. */
const MOST_EDITS = 3;

/**
 * The word that was probably meant, null when none is near. Hyphens, underscores and capitals do not count as mistakes.
 *
 * @example nearestWord('idle-timeout', ['idle_timeout', 'tls'])  // 'idle_timeout'
 */
export function nearestWord(word: string, words: readonly string[]): string | null {
  const plain = fold(word);
  // No key is this long, so no slip makes one; the table of edits would be large.
  if (plain.length > 64) return null;
  let best: { readonly word: string; readonly edits: number } | null = null;
  for (const candidate of words) {
    const edits = editsBetween(plain, fold(candidate));
    // A third of the letters may be wrong, no more: "tls" is not a slip of "ttl".
    const allowed = Math.min(MOST_EDITS, Math.floor(candidate.length / 3));
    if (edits <= allowed && (best === null || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word ?? null;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Levenshtein distance: letters to add, drop or change. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
