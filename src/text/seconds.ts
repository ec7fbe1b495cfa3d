/**
 * Milliseconds as seconds, to the microsecond: the base unit of every figure that leaves the process. Dividing alone leaves
 * noise in the last digits, and no clock of ours is finer.
 */
export function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1e6;
}
