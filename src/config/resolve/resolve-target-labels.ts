import { SERIES_LABELS } from '../../settings/series-labels.ts';
import { MOST_TARGET_LABELS } from '../../settings/target-labels.ts';
import { labelProblem } from '../../text/label-problem.ts';
import { addProblem, type ResolveContext } from './resolve-context.ts';

const PATH = ['global', 'metrics', 'target_labels'];
const OURS: ReadonlySet<string> = new Set(SERIES_LABELS);

/** The names of `metrics.target_labels`. Those that cannot be label names of per-peer series are problems. */
export function resolveTargetLabels(
  context: ResolveContext,
  names: readonly (string | undefined)[],
): readonly string[] {
  const found: string[] = [];
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    const problem = problemOf(name, found);
    if (problem !== null) addProblem(context, [...PATH, index], problem);
    else found.push(name);
  }
  if (names.length > MOST_TARGET_LABELS)
    addProblem(context, PATH, `has ${names.length} labels; expected at most ${MOST_TARGET_LABELS}`);
  return found;
}

function problemOf(name: string, before: readonly string[]): string | null {
  const problem = labelProblem(name);
  if (problem !== null) return `cannot be used: ${problem}`;
  if (OURS.has(name)) return `is "${name}", a label of Finrst's own metrics; give the target's label another name`;
  return before.includes(name) ? `is "${name}", which stands in the list already` : null;
}
