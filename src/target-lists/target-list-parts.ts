import type { FileProblem } from '../text/file-problem.ts';
import type { ListedTargets, TargetListResult } from './target-list.ts';

/** A result taken apart, so that no message between threads is long: each part belongs to what came before it. */
export type TargetListPart =
  | { readonly part: 'entry'; readonly labels: ListedTargets['labels'] }
  | { readonly part: 'targets'; readonly targets: readonly string[] }
  | { readonly part: 'problem'; readonly problem: FileProblem };

/** Targets, labels and problems in one message: it takes the event loop less than a millisecond to read. */
export const WEIGHT_OF_MESSAGE = 1000;

/** The parts of a result in messages of bounded size. */
export function* messagesOf(result: TargetListResult): Generator<readonly TargetListPart[], void> {
  let message: TargetListPart[] = [];
  let weight = 0;
  for (const [part, own] of partsOf(result)) {
    if (weight > 0 && weight + own > WEIGHT_OF_MESSAGE) {
      yield message;
      message = [];
      weight = 0;
    }
    message.push(part);
    weight += own;
  }
  yield message;
}

function* partsOf(result: TargetListResult): Generator<readonly [TargetListPart, weight: number], void> {
  if (result.kind === 'wrong') {
    for (const problem of result.problems) yield [{ part: 'problem', problem }, 1];
    return;
  }
  for (const { labels, targets } of result.entries) {
    yield [{ part: 'entry', labels }, 1 + Object.keys(labels).length];
    for (let from = 0; from < targets.length; from += WEIGHT_OF_MESSAGE) {
      const some = targets.slice(from, from + WEIGHT_OF_MESSAGE);
      yield [{ part: 'targets', targets: some }, some.length];
    }
  }
}

/** Puts the parts of one result together again, in the order in which they were taken apart. */
export class PartsOfTargetList {
  readonly #entries: ListedTargets[] = [];
  readonly #problems: FileProblem[] = [];
  #targets: string[] = [];

  add(part: TargetListPart): void {
    switch (part.part) {
      case 'entry':
        this.#targets = [];
        this.#entries.push({ targets: this.#targets, labels: part.labels });
        return;
      case 'targets':
        for (const target of part.targets) this.#targets.push(target);
        return;
      case 'problem':
        this.#problems.push(part.problem);
    }
  }

  /** To be asked once all parts are there. */
  get result(): TargetListResult {
    if (this.#problems.length > 0) return { kind: 'wrong', problems: this.#problems };
    return { kind: 'list', entries: this.#entries };
  }
}
