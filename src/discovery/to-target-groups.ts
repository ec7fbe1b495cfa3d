import type { ListedTargets } from '../target-lists/target-list.ts';
import type { TargetGroup, TargetLabels } from './peer-source.ts';

/** How a list of targets is published. */
export type PublishedList = {
  /** Sets are named `NAME:INDEX`. */
  readonly name: string;
  /** What Finrst says of each set; wins over labels of the list. */
  readonly meta: TargetLabels;
  readonly entries: readonly ListedTargets[];
  /** How many sets were published of it before: those that are gone are published as empty. */
  readonly before: number;
};

/** A list of targets as sets, one for each entry. Yields now and then, for a list may be long. */
export function* toTargetGroups({
  name,
  meta,
  entries,
  before,
}: PublishedList): Generator<void, readonly TargetGroup[]> {
  const groups: TargetGroup[] = [];
  for (const [index, { targets, labels }] of entries.entries()) {
    const addresses: TargetLabels[] = [];
    for (const address of targets) {
      addresses.push({ __address__: address });
      if (addresses.length % 100 === 0) yield;
    }
    groups.push({ source: `${name}:${index}`, targets: addresses, labels: { ...labels, ...meta } });
    yield;
  }
  for (let index = entries.length; index < before; index += 1) {
    groups.push({ source: `${name}:${index}`, targets: [], labels: {} });
  }
  return groups;
}
