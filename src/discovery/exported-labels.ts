import { LONGEST_EXPORTED_LABEL_BYTES, MOST_EXPORTED_LABELS } from '../settings/target-labels.ts';
import type { TargetLabels } from './peer-source.ts';
import { isSameLabels } from './is-same-labels.ts';

/** Labels that Finrst, the histogram format or Prometheus gives: a target's own is exported beside them. */
const TAKEN: ReadonlySet<string> = new Set(['group', 'address', 'le', 'job', 'instance']);

export type ExportedLabels = {
  readonly labels: TargetLabels;
  /** Some were left out, or cut. */
  readonly isCut: boolean;
};

/**
 * The labels of a target that are shown on its series: all but `peer`, which names it, and those that begin with `__`. A name
 * that is taken is prefixed with `exported_`, as Prometheus does. `bounded` null: as many as there are; else at most 30 of
 * 512 bytes, those that it names first.
 */
export function exportedLabels(labels: TargetLabels, bounded: readonly string[] | null): ExportedLabels {
  const exported: Record<string, string> = {};
  let count = 0;
  let isCut = false;
  for (const name in labels) {
    const value = labels[name] ?? '';
    if (value === '' || name === 'peer' || name.startsWith('__')) continue;
    exported[TAKEN.has(name) ? freeName(labels, name) : name] = value;
    count++;
    isCut ||=
      value.length * 3 > LONGEST_EXPORTED_LABEL_BYTES && Buffer.byteLength(value) > LONGEST_EXPORTED_LABEL_BYTES;
  }
  if (bounded === null) return { labels: exported, isCut: false };
  if (!isCut && count <= MOST_EXPORTED_LABELS) return { labels: exported, isCut: false };
  return { labels: cut(exported, bounded), isCut: true };
}

function freeName(labels: TargetLabels, taken: string): string {
  let name = `exported_${taken}`;
  while (Object.hasOwn(labels, name)) name = `exported_${name}`;
  return name;
}

function cut(labels: TargetLabels, first: readonly string[]): TargetLabels {
  const names = Object.keys(labels);
  const ordered = [...first.filter((name) => Object.hasOwn(labels, name)), ...names];
  const kept = [...new Set(ordered)].slice(0, MOST_EXPORTED_LABELS);
  return Object.fromEntries(kept.map((name) => [name, bounded(labels[name] ?? '')]));
}

/** Cut between characters. */
function bounded(value: string): string {
  const bytes = Buffer.from(value);
  if (bytes.length <= LONGEST_EXPORTED_LABEL_BYTES) return value;
  let end = LONGEST_EXPORTED_LABEL_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Targets that follow one another often have the same labels: they share one object. */
export class RecentLabels {
  #last: TargetLabels = {};

  share(labels: TargetLabels): TargetLabels {
    if (!isSameLabels(this.#last, labels)) this.#last = labels;
    return this.#last;
  }
}
