import type { TargetLabels } from './peer-source.ts';

/** Whether two records of labels say the same. */
export function isSameLabels(one: TargetLabels, other: TargetLabels): boolean {
  if (one === other) return true;
  let count = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    count++;
  }
  for (const _ in other) count--;
  return count === 0;
}
