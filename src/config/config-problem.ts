/** One thing wrong, placed. `line` and `column` count from 1; absent when the file could not be read at all. */
export type ConfigProblem = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Says what was found, what was expected and, where it helps, what to do. */
  readonly message: string;
};

/** `file:line:column: message`, as compilers print it. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${place}: ${problem.message}`;
}

/** By place; a problem that comes twice for one place, through an alias, is kept once. */
export function sortProblems(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const sorted = problems.toSorted(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
  const seen = new Set<string>();
  return sorted.filter((problem) => {
    const line = formatProblem(problem);
    if (seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}
