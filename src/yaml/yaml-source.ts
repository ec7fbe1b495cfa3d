import { LineCounter, parseDocument, type Document } from 'yaml';
import type { FileProblem } from '../text/file-problem.ts';
import {
  createYamlReader,
  readNode,
  startOf,
  TOO_DEEP,
  type Place,
  type ScalarPlace,
  type YamlReader,
} from './yaml-reader.ts';
import type { Path } from './path.ts';
import type { Plain } from './plain.ts';

export type YamlSource = {
  readonly file: string;
  readonly text: string;
  /** Undefined: nothing was in the file, or it cannot be read as one YAML document. */
  readonly root: Plain | undefined;
  /** What makes the text no YAML, or YAML that means two things: only after a key given twice is there a root all the same. */
  readonly problems: readonly FileProblem[];
  /** A problem at the value under this path; at the nearest thing around it where that is not there. */
  problemAt(path: Path, message: string): FileProblem;
  /** A problem at the key itself: for keys that should not be there. */
  problemAtKey(path: Path, message: string): FileProblem;
  /** Whether the text itself has a value there, as opposed to a default. */
  has(path: Path): boolean;
  /** How the value under this key is written; null: it is no number or boolean, or stands in a list. */
  writtenAt(path: Path): string | null;
  /** The text scalars under this key name, wherever in the file, also in a list; one that an alias repeats comes again. */
  scalarsOf(key: string): readonly ScalarPlace[];
};

export type YamlOptions = {
  /** `written`: `1.50`, `on` and `2026-01-01` are the text that stands there, and only null is none. Default: `typed`. */
  readonly scalars?: 'typed' | 'written';
};

/**
 * Reads one YAML 1.2 document and remembers where everything stands. Never throws: what cannot be read is a problem.
 * Anchors, aliases and merge keys (`<<`) work as they do for Prometheus. A key given twice is a problem, not a choice.
 */
export function readYaml(text: string, file: string, options: YamlOptions = {}): YamlSource {
  const lines = new LineCounter();
  const problemAtOffset = (offset: number, message: string): FileProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const document = parse(text, lines);
  if (document === null) return unusable(file, text, [{ file, line: 1, column: 1, message: TOO_DEEP }]);
  const faults = [...document.errors, ...document.warnings];
  // The parser recurses on nesting and has no limit of its own: the stack ends first, here or in `parse`.
  if (faults.some(({ message }) => message.includes('call stack')))
    return unusable(file, text, [{ file, line: 1, column: 1, message: TOO_DEEP }]);
  if (faults.length > 0) {
    const problems = faults.map((error) => problemAtOffset(error.pos[0], explain(error.code, error.message)));
    return unusable(file, text, problems);
  }
  const reader = createYamlReader(problemAtOffset, options.scalars ?? 'typed');
  const root = document.contents === null ? undefined : readNode(reader, document.contents, 0);
  const start = startOf(document.contents);
  const tree: Tree = { root, places: reader.places, start: { key: start, value: start } };
  const locate = (path: Path): Place => findPlace(tree, path);
  return {
    file,
    text,
    root: reader.broken ? undefined : root,
    problems: reader.problems,
    problemAt: (path, message) => problemAtOffset(locate(path).value, message),
    problemAtKey: (path, message) => problemAtOffset(locate(path).key, message),
    has: (path) => path.length === 0 || locate(path) !== locate(path.slice(0, -1)),
    writtenAt: (path) => (path.length === 0 ? null : (locate(path).written ?? null)),
    scalarsOf: (key) => reader.scalars.get(key) ?? [],
  };
}

function unusable(file: string, text: string, problems: readonly FileProblem[]): YamlSource {
  const problemAt = (_path: Path, message: string): FileProblem => ({ file, line: 1, column: 1, message });
  return {
    file,
    text,
    root: undefined,
    problems,
    problemAt,
    problemAtKey: problemAt,
    has: () => false,
    writtenAt: () => null,
    scalarsOf: () => [],
  };
}

/** Null: nested so deep that the parser ran out of stack. */
function parse(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    // Duplicates are found by the reader, which can say where the first one stands.
    const options = { lineCounter, uniqueKeys: false, prettyErrors: false, merge: true, logLevel: 'error' } as const;
    return parseDocument(text, options);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function explain(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second YAML document begins here (---); expected one';
  if (code === 'TAB_AS_INDENT') return 'a tab is used for indentation; YAML wants spaces';
  // What the parser quotes after a colon may be a secret: a part of a send, a URL with a password.
  const [what = ''] = message.split(': ');
  return `not valid YAML: ${what.replaceAll(/\s+/g, ' ').trim()}`;
}

type Tree = { readonly root: Plain | undefined; readonly places: YamlReader['places']; readonly start: Place };

/** Walks plain data down the path as far as it goes; the last place passed is the answer. */
function findPlace({ root, places, start }: Tree, path: Path): Place {
  let place = start;
  let here: Plain | undefined = root;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return place;
    const next = places.get(here)?.get(step);
    if (next === undefined) return place;
    place = next;
    here = (here as Readonly<Record<string | number, Plain>>)[step];
  }
  return place;
}
