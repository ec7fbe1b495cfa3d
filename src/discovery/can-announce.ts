import type { GroupSettings } from '../settings/peer-group.ts';
import type { SourceSettings } from '../settings/source-settings.ts';

/** Whether the end of a peer of this group can be announced: by its sources, by targets that linger, or by a rule. */
export function canAnnounce({ sources, relabelRules }: Pick<GroupSettings, 'sources' | 'relabelRules'>): boolean {
  const isSetByRule = relabelRules.some(({ targetLabel, replacement, action }) =>
    (action === 'labelmap' ? replacement : targetLabel).includes('__announced__'),
  );
  return isSetByRule || sources.some(sourceAnnounces);
}

/** Targets of a file or an answer over HTTP may have the label `__announced__` themselves; names have no labels. */
function sourceAnnounces({ kind, settings }: SourceSettings): boolean {
  if ('lingerMs' in settings && Number(settings.lingerMs) > 0) return true;
  const mechanism: string = kind;
  return mechanism === 'kubernetes' || mechanism === 'file' || mechanism === 'http';
}
