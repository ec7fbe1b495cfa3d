import type { FileProblem } from '../text/file-problem.ts';

/** One entry of a list: targets as written, with the labels they share. Names of labels are right, values not empty. */
export type ListedTargets = {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** A text that should hold a list of targets. */
export type TargetListText = {
  readonly bytes: Uint8Array;
  readonly syntax: 'json' | 'yaml';
  /** Names the text in problems. */
  readonly file: string;
};

export type TargetListResult =
  | { readonly kind: 'list'; readonly entries: readonly ListedTargets[] }
  /** At least one problem, at most 100. Nothing of the list may be used. */
  | { readonly kind: 'wrong'; readonly problems: readonly FileProblem[] };

/**
 * Reads a list without holding the event loop. Never rejects for anything in the text. The bytes may be handed to another
 * thread: nobody may use them afterwards.
 */
export type ReadTargetList = (text: TargetListText) => Promise<TargetListResult>;
