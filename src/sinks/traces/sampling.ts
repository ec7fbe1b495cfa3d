/**
 * Whether a connection belongs to the share `ratio` (0..1) that is recorded. The answer depends on the id alone, so a
 * connect and the clean end of the same connection are kept or left out together.
 */
export function isSampled(connectionId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return hash(connectionId) < ratio * 2 ** 32;
}

/** FNV-1a with the finaliser of MurmurHash3: ids that differ in one digit land far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
