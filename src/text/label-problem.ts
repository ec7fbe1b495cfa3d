import { isLabelName } from './label-name.ts';
import { quoteValue } from './quote-value.ts';

/** Labels that Finrst, the histogram format or Prometheus itself gives. */
const TAKEN_LABELS: ReadonlySet<string> = new Set(['group', 'peer', 'address', 'le', 'job', 'instance']);

/** What is wrong with the name of a target's label, as a sentence; null: nothing. */
export function labelProblem(name: string): string | null {
  const problem = labelNameProblem(name);
  if (problem !== null) return problem;
  if (TAKEN_LABELS.has(name)) return `label ${name} is given by Finrst or Prometheus itself; choose another name`;
  if (name.startsWith('__'))
    return `label ${name} begins with __, which Prometheus keeps to itself; choose another name`;
  return null;
}

/** The same for a label that rules may still remove or rename: only that it is a label name. */
export function labelNameProblem(name: string): string | null {
  if (isLabelName(name)) return null;
  return `label ${quoteValue(name)} is no Prometheus label name; expected letters, digits and _, not beginning with a digit`;
}
