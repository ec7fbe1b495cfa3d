import type { Pace } from '../../clock/turn-slices.ts';

/** Sorted or merged between two looks at the pace: well under a millisecond. */
const STEP = 250;

/** Sorts in steps; equal ones stay in their order. */
export async function sortInSteps<Item>(
  items: readonly Item[],
  compare: (one: Item, other: Item) => number,
  pace: Pace,
): Promise<readonly Item[]> {
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += STEP) {
    if (pace.isOver()) await pace.next();
    runs.push(items.slice(from, from + STEP).sort(compare));
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [one = [], other = []] = runs.slice(index, index + 2);
      merged.push(await merge({ one, other, compare, pace }));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

type Merge<Item> = {
  readonly one: readonly Item[];
  readonly other: readonly Item[];
  readonly compare: (one: Item, other: Item) => number;
  readonly pace: Pace;
};

async function merge<Item>({ one, other, compare, pace }: Merge<Item>): Promise<Item[]> {
  const all: Item[] = [];
  let taken = 0;
  for (const item of other) {
    if (all.length % STEP === 0 && pace.isOver()) await pace.next();
    for (let next = one[taken]; next !== undefined && compare(next, item) <= 0; next = one[++taken]) all.push(next);
    all.push(item);
  }
  return [...all, ...one.slice(taken)];
}
