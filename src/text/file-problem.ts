import { safeText } from './safe-text.ts';

/** One thing wrong with a file, placed. `line` and `column` count from 1; absent when the file could not be read at all. */
export type FileProblem = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Says what was found, what was expected and, where it helps, what to do. */
  readonly message: string;
};

/** The longest sentence of ours has half of this; what it quotes from a file must not make it a page. */
const LONGEST_MESSAGE = 1000;
/** One mistake of a script that writes targets is as many problems as it wrote. */
const MOST_IN_A_LIST = 100;

/**
 * `file:line:column: message`, as compilers print it. One line of bounded length, safe on a terminal, whatever stands in
 * the file.
 */
export function formatProblem({ file, line, column, message }: FileProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const cut = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message;
  return safeText(`${place}: ${cut}`);
}

/** `file:line:column: warning: message`. */
export function formatWarning(warning: FileProblem): string {
  return formatProblem({ ...warning, message: `warning: ${warning.message}` });
}

/** The first of them, and how many more there are: for a line of the log, an answer over HTTP. */
export function formatProblems(problems: readonly FileProblem[], most: number = MOST_IN_A_LIST): readonly string[] {
  const lines = problems.slice(0, most).map(formatProblem);
  const more = problems.length - lines.length;
  return more === 0 ? lines : [...lines, `+${more} more problem${more === 1 ? '' : 's'}`];
}

/** By place; a problem that comes twice for one place, through an alias, is kept once. */
export function sortProblems(problems: readonly FileProblem[]): readonly FileProblem[] {
  const sorted = problems.toSorted(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
  const seen = new Set<string>();
  return sorted.filter(({ line, column, message }) => {
    const key = `${line}:${column}:${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
