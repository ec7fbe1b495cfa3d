import type { FileProblem } from '../text/file-problem.ts';

/** The first problem of a list of targets and how many more there are, for one line. `place` is FILE:LINE:COLUMN. */
export function describeProblems(problems: readonly FileProblem[]) {
  const [first = { file: '', message: 'cannot be read' }, ...others] = problems;
  const { file, line, column = 1, message } = first;
  const why = others.length === 0 ? message : `${message} (+${others.length} more)`;
  return { why, place: line === undefined ? file : `${file}:${line}:${column}` };
}
