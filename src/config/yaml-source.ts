import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Node, Pair, ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import type { ConfigProblem } from './config.ts';

/** Plain data as YAML gives it. Maps have no prototype. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | { readonly [key: string]: Plain };

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
  /** Where the scalars under this key name stand in the text, wherever they are: for masking. */
  rangesOf(key: string): readonly (readonly [start: number, end: number])[];
};

type Place = { readonly key: number; readonly value: number };
type Places = Map<string | number, Place>;

/** A configuration of 15,000 targets with labels has some 100,000 nodes; aliases of aliases reach billions. */
const MOST_NODES = 5_000_000;
/** The parser recurses; people do not nest deeper than this, and the stack holds it many times over. */
const DEEPEST = 100;

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
  if (parsed.kind === 'tooDeep') return unusable(file, text, { file, line: 1, column: 1, message: TOO_DEEP });
  const { document } = parsed;
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    const problems = complaints.map((error) => problemAtOffset(error.pos[0], explain(error.code, error.message)));
    return { ...unusable(file, text), problems };
  }
  const reader = createReader(document, problemAtOffset);
  const root = document.contents === null ? undefined : reader.plain(document.contents, 0);
  const locate = (path: Path): Place => findPlace(root, path, reader.places, document.contents?.range?.[0] ?? 0);
  return {
    file,
    text,
    root: reader.broken ? undefined : root,
    problems: reader.problems,
    problemAt: (path, message) => problemAtOffset(locate(path).value, message),
    problemAtKey: (path, message) => problemAtOffset(locate(path).key, message),
    rangesOf: (key) => reader.scalarRanges.get(key) ?? [],
  };
}

const TOO_DEEP = `nested more than ${DEEPEST} levels deep`;

function unusable(file: string, text: string, ...problems: ConfigProblem[]): YamlSource {
  const problemAt = (_path: Path, message: string): ConfigProblem => ({ file, line: 1, column: 1, message });
  return { file, text, root: undefined, problems, problemAt, problemAtKey: problemAt, rangesOf: () => [] };
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
  return `not valid YAML: ${message.replace(/\s+/g, ' ').trim()}`;
}

/** Walks plain data down the path as far as it goes; the last place passed is the answer. */
function findPlace(root: Plain | undefined, path: Path, places: WeakMap<object, Places>, start: number): Place {
  let place: Place = { key: start, value: start };
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

type Reader = {
  readonly places: WeakMap<object, Places>;
  readonly problems: ConfigProblem[];
  /** Some part could not be read: nothing can be said about the rest. */
  broken: boolean;
  readonly scalarRanges: Map<string, [number, number][]>;
  plain(node: unknown, depth: number): Plain;
};

type MutableMap = Record<string, Plain>;

function createReader(
  document: Document.Parsed,
  problemAt: (offset: number, message: string) => ConfigProblem,
): Reader {
  let nodes = 0;
  /** Nodes being read, so that an alias inside its own anchor is seen. */
  const open = new Set<unknown>();
  const reader: Reader = { places: new WeakMap(), problems: [], broken: false, scalarRanges: new Map(), plain };
  return reader;

  function plain(node: unknown, depth: number): Plain {
    nodes += 1;
    if (nodes === MOST_NODES) complain(node, 'the aliases in this file expand to too much');
    if (nodes >= MOST_NODES) return null;
    if (depth > DEEPEST) return complain(node, TOO_DEEP);
    if (isAlias(node)) return alias(node, depth);
    if (isScalar(node)) return scalar(node.value);
    if (!isMap(node) && !isSeq(node)) return null;
    if (open.has(node)) return complain(node, 'this contains itself through an alias');
    open.add(node);
    const value = isMap(node) ? map(node, depth) : sequence(node, depth);
    open.delete(node);
    return value;
  }

  function complain(node: unknown, message: string): null {
    reader.problems.push(problemAt(startOf(node), message));
    reader.broken = true;
    return null;
  }

  function alias(node: Alias, depth: number): Plain {
    const source = node.resolve(document);
    if (source === undefined) return complain(node, `no anchor &${node.source} stands before this alias`);
    return plain(source, depth + 1);
  }

  function sequence(node: YAMLSeq, depth: number): Plain {
    const places: Places = new Map();
    const values = node.items.map((item, index) => {
      places.set(index, { key: startOf(item), value: startOf(item) });
      return plain(item, depth + 1);
    });
    reader.places.set(values, places);
    return values;
  }

  function map(node: YAMLMap, depth: number): Plain {
    const values = Object.create(null) as MutableMap;
    const places: Places = new Map();
    const merged: Pair[] = [];
    for (const pair of node.items) {
      if (isMergeKey(pair)) merged.push(pair);
      else addPair(pair, values, places, depth);
    }
    for (const pair of merged) addMerged(pair, values, places, depth);
    reader.places.set(values, places);
    return values;
  }

  function addPair(pair: Pair, values: MutableMap, places: Places, depth: number): void {
    const key = keyText(pair.key);
    if (key === null) return void complain(pair.key ?? pair.value, 'expected a name as the key');
    const at = startOf(pair.key);
    const first = places.get(key);
    if (first !== undefined) {
      const { line } = problemAt(first.key, '');
      const message = `the key "${key}" stands here a second time; the first is on line ${line}`;
      return void reader.problems.push(problemAt(at, message));
    }
    remember(key, pair.value);
    // A value that is not there has no range: the key is the place then.
    places.set(key, { key: at, value: hasRange(pair.value) ? startOf(pair.value) : at });
    values[key] = plain(pair.value, depth + 1);
  }

  /** What the map itself says wins over what it merges; of several sources the first wins. */
  function addMerged(pair: Pair, values: MutableMap, places: Places, depth: number): void {
    const source = plain(pair.value, depth + 1);
    for (const from of Array.isArray(source) ? (source as readonly Plain[]) : [source]) {
      if (typeof from !== 'object' || from === null || Array.isArray(from)) {
        complain(pair.value, 'expected a map, or a list of maps, to merge');
        continue;
      }
      for (const [key, value] of Object.entries(from)) {
        if (places.has(key)) continue;
        values[key] = value;
        const at = reader.places.get(from)?.get(key);
        places.set(key, at ?? { key: startOf(pair.key), value: startOf(pair.value) });
      }
    }
  }

  function remember(key: string, node: unknown): void {
    const source = isAlias(node) ? node.resolve(document) : node;
    if (!isScalar(source) || !source.range) return;
    const ranges = reader.scalarRanges.get(key) ?? [];
    ranges.push([source.range[0], source.range[1]]);
    reader.scalarRanges.set(key, ranges);
  }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN';
}

function keyText(key: unknown): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function scalar(value: unknown): Plain {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    default:
      return null;
  }
}

function hasRange(node: unknown): boolean {
  const range = (node as Node | null)?.range;
  return Array.isArray(range) && range[1] > range[0];
}

function startOf(node: unknown): number {
  return (node as ParsedNode | null)?.range?.[0] ?? 0;
}
