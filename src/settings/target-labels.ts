/**
 * The labels of a target that `metrics.target_labels` names, all of them and in that order; empty where the target has
 * none. Peers with the same values share one object.
 */
export type TargetLabels = Readonly<Record<string, string>>;

/** Each stands on some twenty series of every peer; who routes alerts needs two or three. */
export const MOST_TARGET_LABELS = 10;
/** UTF-16 units of a value. What is longer is a text, and would be on every series of the peer. */
export const LONGEST_TARGET_LABEL = 512;

/** Most labels of a discovered target that are exported: labels of pods have no bound of their own. */
export const MOST_EXPORTED_LABELS = 30;
/** The most bytes of the value of one. */
export const LONGEST_EXPORTED_LABEL_BYTES = 512;

/**
 * Labels that a target may have before its rules, those of its set included. A pod has some hundreds. Rules look at each
 * label of a target in one piece: more of them, from a server that is wrong or hostile, would hold up all connections.
 */
export const MOST_LABELS = 4000;
/** Characters of a name. Those of Kubernetes have at most 317, and what stands before them; a rule matches the whole name. */
export const LONGEST_LABEL_NAME = 512;

/** Chooses from all labels of targets those that are wanted. A value that is too long is cut: sources may give any. */
export class TargetLabelSets {
  readonly #sets = new Map<string, TargetLabels>();

  choose(names: readonly string[], labels: Readonly<Record<string, string>>): TargetLabels {
    if (names.length === 0) return NO_TARGET_LABELS;
    const chosen = Object.fromEntries(names.map((name) => [name, bounded(ownValue(labels, name))]));
    const key = JSON.stringify(chosen);
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    this.#sets.set(key, chosen);
    return chosen;
  }
}

/** Where none is wanted. */
export const NO_TARGET_LABELS: TargetLabels = {};

/** `toString` is a label name like any other. */
function ownValue(labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/** Cut between characters: half a surrogate pair is no text. */
function bounded(value: string): string {
  if (value.length <= LONGEST_TARGET_LABEL) return value;
  return value.slice(0, LONGEST_TARGET_LABEL).replace(/[\uD800-\uDBFF]$/, '');
}
