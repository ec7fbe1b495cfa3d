import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { ConfigProblem } from './config.ts';
import { createYamlReader, readNode, startOf, TOO_DEEP } from './yaml-reader.ts';
import type { Place, Plain, ScalarPlace, YamlReader } from './yaml-reader.ts';

/** Keys and indexes from the root to a value. */
export type Path = readonly (string | number)[];

export type YamlSource = {
  readonly file: string;
  readonly text: string;
  /** Undefined: nothing was in the file, or it cannot be read as one YAML document. */
  readonly root: Plain | undefined;
  /** What makes the text no YAML, or YAML that means two things: only after a key given twice is there a root all the same. */
  readonly problems: readonly ConfigProblem[];
  /** A problem at the value under this path; at the nearest thing around it where that is not there. */
  problemAt(path: Path, message: string): ConfigProblem;
  /** A problem at the key itself: for keys that should not be there. */
  problemAtKey(path: Path, message: string): ConfigProblem;
  /** The text scalars under this key name, wherever in the file; one that an alias repeats comes again. */
  scalarsOf(key: string): readonly ScalarPlace[];
};

/**
 * Reads one YAML 1.2 document and remembers where everything stands. Never throws: what cannot be read is a problem.
 * Anchors, aliases and merge keys (`<<`) work as they do for Prometheus. A key given twice is a problem, not a choice.
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const problemAtOffset = (offset: number, message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const parsed = parse(text, lines);
  if (parsed.kind === 'tooDeep') return unusable(file, text, [{ file, line: 1, column: 1, message: TOO_DEEP }]);
  const { document } = parsed;
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    const problems = complaints.map((error) => problemAtOffset(error.pos[0], explain(error.code, error.message)));
    return unusable(file, text, problems);
  }
  const reader = createYamlReader(document, problemAtOffset);
  const root = document.contents === null ? undefined : readNode(reader, document.contents, 0);
  const locate = (path: Path): Place => findPlace(reader, root, path);
  return {
    file,
    text,
    root: reader.broken ? undefined : root,
    problems: reader.problems,
    problemAt: (path, message) => problemAtOffset(locate(path).value, message),
    problemAtKey: (path, message) => problemAtOffset(locate(path).key, message),
    scalarsOf: (key) => reader.scalars.get(key) ?? [],
  };
}

function unusable(file: string, text: string, problems: readonly ConfigProblem[]): YamlSource {
  const problemAt = (_path: Path, message: string): ConfigProblem => ({ file, line: 1, column: 1, message });
  return { file, text, root: undefined, problems, problemAt, problemAtKey: problemAt, scalarsOf: () => [] };
}

type Parsed = { readonly kind: 'document'; readonly document: Document.Parsed } | { readonly kind: 'tooDeep' };

function parse(text: string, lineCounter: LineCounter): Parsed {
  try {
    // Duplicates are found by the reader, which can say where the first one stands.
    const options = { lineCounter, uniqueKeys: false, prettyErrors: false, merge: true, logLevel: 'silent' } as const;
    return { kind: 'document', document: parseDocument(text, options) };
  } catch (error) {
    // The parser recurses on nesting and has no limit of its own: the stack ends first.
    if (error instanceof RangeError) return { kind: 'tooDeep' };
    throw error;
  }
}

function explain(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second YAML document begins here (---); expected one';
  if (code === 'TAB_AS_INDENT') return 'a tab is used for indentation; YAML wants spaces';
  return `not valid YAML: ${message.replaceAll(/\s+/g, ' ').trim()}`;
}

/** Walks plain data down the path as far as it goes; the last place passed is the answer. */
function findPlace(reader: YamlReader, root: Plain | undefined, path: Path): Place {
  const start = startOf(reader.document.contents);
  let place: Place = { key: start, value: start };
  let here: Plain | undefined = root;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return place;
    const next = reader.places.get(here)?.get(step);
    if (next === undefined) return place;
    place = next;
    here = (here as Readonly<Record<string | number, Plain>>)[step];
  }
  return place;
}
