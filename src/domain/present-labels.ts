import type { TargetLabels } from '../settings/target-labels.ts';

/** The target labels that a peer has: an empty one is none. Undefined: not one, so that the field is left out. */
export function presentLabels(labels: TargetLabels): TargetLabels | undefined {
  const present = Object.entries(labels).filter(([, value]) => value !== '');
  return present.length === 0 ? undefined : Object.fromEntries(present);
}
