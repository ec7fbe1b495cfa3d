import { quoteValue } from './quote-value.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Labels that Finrst, the histogram format or Prometheus itself gives. */
const TAKEN_LABELS: ReadonlySet<string> = new Set(['group', 'peer', 'address', 'le', 'job', 'instance']);

/** What is wrong with the name of a target's label, as a sentence; null: nothing. */
export function labelProblem(name: string): string | null {
  if (!LABEL_NAME.test(name)) {
    return `label ${quoteValue(name)} is no Prometheus label name; expected letters, digits and _, not beginning with a digit`;
  }
  if (TAKEN_LABELS.has(name)) return `label ${name} is given by Finrst or Prometheus itself; choose another name`;
  if (name.startsWith('__'))
    return `label ${name} begins with __, which Prometheus keeps to itself; choose another name`;
  return null;
}
