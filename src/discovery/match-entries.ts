import { GroupEntry } from './group-entry.ts';
import type { SharedSource } from './shared-source.ts';

/** Of two targets with the same peer the one that was found in a more settled way counts. */
const MECHANISMS = ['static', 'file', 'dns', 'http', 'kubernetes'];

/**
 * The entries of a group for these sources, in the order in which their targets count: by mechanism, then as they stand in
 * the configuration. An entry whose source is the same is kept. The others take the places of those of before that have the
 * same mechanism, in their order: they are the same entries with other settings.
 */
export function matchEntries(group: string, { before, sources, onPending }: EntriesToMatch): readonly GroupEntry[] {
  const left = new Set(before);
  const kept = sources.map((source) => {
    const same = Array.from(left).find((entry) => entry.source === source);
    if (same !== undefined) left.delete(same);
    return same;
  });
  const entries = sources.map((source, index) => {
    const same = kept[index];
    if (same !== undefined) return same;
    const changed = Array.from(left).find((entry) => entry.source.ref.mechanism === source.ref.mechanism) ?? null;
    if (changed !== null) left.delete(changed);
    return new GroupEntry({ group, source }, changed, onPending);
  });
  const ordered = entries.toSorted((one, other) => rankOf(one) - rankOf(other));
  const counts = new Map<string, number>();
  for (const [order, entry] of ordered.entries()) {
    const { mechanism } = entry.source.ref;
    const index = counts.get(mechanism) ?? 0;
    counts.set(mechanism, index + 1);
    entry.moveTo(order, mechanism === 'static' ? 'static_configs' : `${mechanism}_sd_configs[${index}]`);
  }
  return ordered;
}

export type EntriesToMatch = {
  readonly before: readonly GroupEntry[];
  /** As they stand in the configuration. */
  readonly sources: readonly SharedSource[];
  readonly onPending: () => void;
};

function rankOf({ source }: GroupEntry): number {
  return MECHANISMS.indexOf(source.ref.mechanism);
}
