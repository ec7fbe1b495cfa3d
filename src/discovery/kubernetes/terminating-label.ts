import type { Announcement } from '../../settings/announcement.ts';
import type { TargetLabels } from '../peer-source.ts';

/** The label by which a target says that it is about to end. Rules see it and may overrule it. */
export function terminatingLabel(isTerminating: boolean): TargetLabels {
  return isTerminating ? { __announced__: 'terminating' satisfies Announcement } : {};
}
