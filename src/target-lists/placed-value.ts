import type { FileProblem } from '../text/file-problem.ts';
import type { Path } from '../yaml/path.ts';
import type { Plain } from '../yaml/plain.ts';

/** A text read as plain data that knows where everything stands. Both syntaxes of target lists give one. */
export type PlacedValue = {
  /** Undefined: nothing was in the text, or it cannot be read. */
  readonly root: Plain | undefined;
  /** What is wrong with the syntax, and keys that stand twice. */
  readonly problems: readonly FileProblem[];
  /** A problem at the value under this path. */
  problemAt(path: Path, message: string): FileProblem;
  /** A problem at the key itself. */
  problemAtKey(path: Path, message: string): FileProblem;
};
