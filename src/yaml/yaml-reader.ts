import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { FileProblem } from '../text/file-problem.ts';
import { isPlainList, type Plain } from './plain.ts';

/** Offsets in the text: of the key, and of the value (the key's where no value is written). */
export type Place = {
  readonly key: number;
  readonly value: number;
  /** The text of a number or a boolean under a key: `0x10` is 16, but where text is wanted it means what is written. */
  readonly written?: string;
};
export type Places = Map<string | number, Place>;

/** A scalar in the text: from its first quote to its last. */
export type ScalarPlace = { readonly start: number; readonly end: number; readonly value: string };

/** What an anchor stands for; `value` undefined while it is being read. `size` counts its nodes, aliases expanded. */
type Anchor = { readonly node: Node; value: Plain | undefined; size: number };

/** Turns YAML nodes into plain data and remembers where everything stands. */
export type YamlReader = {
  /** By the map or list they belong to. What an alias repeats is the same map or list. */
  readonly places: WeakMap<object, Places>;
  readonly problems: FileProblem[];
  /** The scalars under each key name, wherever they are, also in a list; behind an alias, the one it stands for. */
  readonly scalars: Map<string, ScalarPlace[]>;
  /** The anchors so far; a later one of the same name takes its place. */
  readonly anchors: Map<string, Anchor>;
  /** Some part could not be read: nothing can be said about the rest. */
  broken: boolean;
  /** Nodes so far, aliases expanded. */
  nodes: number;
  /** Numbers and booleans, or the text that stands for them. */
  readonly scalarsAre: 'typed' | 'written';
  readonly problemAt: (offset: number, message: string) => FileProblem;
};

/** A configuration of 15,000 targets with labels has some 100,000 nodes; aliases of aliases reach billions. */
const MOST_NODES = 1_000_000;
/** The parser recurses; people do not nest deeper than this, and the stack holds it many times over. */
const DEEPEST = 100;
export const TOO_DEEP = `nested more than ${DEEPEST} levels deep`;

export function createYamlReader(
  problemAt: YamlReader['problemAt'],
  scalarsAre: YamlReader['scalarsAre'] = 'typed',
): YamlReader {
  return {
    places: new WeakMap(),
    problems: [],
    scalars: new Map(),
    anchors: new Map(),
    broken: false,
    nodes: 0,
    scalarsAre,
    problemAt,
  };
}

/** The value of a node. Where it cannot be read: null, a problem, and the reader is broken. */
export function readNode(reader: YamlReader, node: unknown, depth: number): Plain {
  if (depth > DEEPEST) return fail(reader, node, TOO_DEEP);
  if (isAlias(node)) return readAlias(reader, node);
  const before = reader.nodes;
  if (!spend(reader, node, 1)) return null;
  const anchor = isNode(node) ? openAnchor(reader, node) : undefined;
  const value = readContent(reader, node, depth);
  if (anchor !== undefined) {
    anchor.value = value;
    anchor.size = reader.nodes - before;
  }
  return value;
}

function readContent(reader: YamlReader, node: unknown, depth: number): Plain {
  if (isScalar(node)) return reader.scalarsAre === 'typed' ? readScalar(node.value) : readWritten(node);
  if (isMap(node)) return readMap(reader, node, depth);
  return isSeq(node) ? readSequence(reader, node, depth) : null;
}

function openAnchor(reader: YamlReader, node: Node): Anchor | undefined {
  const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (name === undefined) return undefined;
  const anchor: Anchor = { node, value: undefined, size: 0 };
  reader.anchors.set(name, anchor);
  return anchor;
}

function readAlias(reader: YamlReader, node: Alias): Plain {
  const anchor = reader.anchors.get(node.source);
  if (anchor === undefined)
    return fail(
      reader,
      node,
      'no anchor of this name stands before this alias; put a value that begins with * in quotes',
    );
  if (anchor.value === undefined) return fail(reader, node, 'this contains itself through an alias');
  return spend(reader, node, anchor.size) ? anchor.value : null;
}

/** Counts nodes; false once there are too many, which is one problem. */
function spend(reader: YamlReader, node: unknown, size: number): boolean {
  const had = reader.nodes;
  reader.nodes += size;
  if (reader.nodes <= MOST_NODES) return true;
  if (had <= MOST_NODES) fail(reader, node, 'the aliases in this file expand to too much');
  return false;
}

function fail(reader: YamlReader, node: unknown, message: string): null {
  reader.problems.push(reader.problemAt(startOf(node), message));
  reader.broken = true;
  return null;
}

function readScalar(value: unknown): Plain {
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return plain || typeof value === 'bigint' ? value : null;
}

/** A quoted scalar has text already; of a plain one it is the source. */
function readWritten({ value, source }: Scalar): Plain {
  return value === null || typeof value === 'string' ? value : (source ?? '');
}

function readSequence(reader: YamlReader, node: YAMLSeq, depth: number): Plain {
  const places: Places = new Map();
  const values = node.items.map((item, index) => {
    places.set(index, { key: startOf(item), value: startOf(item) });
    return readNode(reader, item, depth + 1);
  });
  reader.places.set(values, places);
  return values;
}

/** A map while it is being filled. */
type Filling = { readonly values: Record<string, Plain>; readonly places: Places; readonly depth: number };

function readMap(reader: YamlReader, node: YAMLMap, depth: number): Plain {
  const filling: Filling = { values: Object.create(null) as Record<string, Plain>, places: new Map(), depth };
  const merged: { readonly pair: Pair; readonly source: Plain }[] = [];
  for (const pair of node.items) {
    if (isMergeKey(pair)) merged.push({ pair, source: readNode(reader, pair.value, depth + 1) });
    else addPair(reader, pair, filling);
  }
  for (const { pair, source } of merged) addMerged(reader, pair, { ...filling, source });
  reader.places.set(filling.values, filling.places);
  return filling.values;
}

function addPair(reader: YamlReader, pair: Pair, { values, places, depth }: Filling): void {
  const key = isScalar(pair.key) ? keyText(pair.key.value, pair.key.source) : null;
  if (key === null) return void fail(reader, pair.key ?? pair.value, 'expected a name as the key');
  const at = startOf(pair.key);
  const first = places.get(key);
  if (first !== undefined) {
    const { line } = reader.problemAt(first.key, '');
    const message = `the key "${key}" stands here a second time; the first is on line ${line}`;
    return void reader.problems.push(reader.problemAt(at, message));
  }
  rememberScalar(reader, key, pair.value);
  // A value that is not written has no extent: the key is the place then.
  const written = writtenScalar(reader, pair.value);
  const value = hasExtent(pair.value) ? startOf(pair.value) : at;
  places.set(key, { key: at, value, ...(written !== undefined && { written }) });
  values[key] = readNode(reader, pair.value, depth + 1);
}

/** What the map itself says wins over what it merges; of several sources the first wins. */
function addMerged(
  reader: YamlReader,
  pair: Pair,
  { values, places, source }: Filling & { readonly source: Plain },
): void {
  for (const from of isPlainList(source) ? source : [source]) {
    if (typeof from !== 'object' || from === null || isPlainList(from)) {
      fail(reader, pair.value, 'expected a map, or a list of maps, to merge');
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

/** The scalar behind a key, or the scalars of a list there. */
function rememberScalar(reader: YamlReader, key: string, node: unknown): void {
  const source = isAlias(node) ? reader.anchors.get(node.source)?.node : node;
  if (isSeq(source)) for (const item of source.items) if (isScalar(item)) rememberScalar(reader, key, item);
  if (!isScalar(source) || !source.range || typeof source.value !== 'string') return;
  const scalars = reader.scalars.get(key) ?? [];
  scalars.push({ start: source.range[0], end: source.range[1], value: source.value });
  reader.scalars.set(key, scalars);
}

function writtenScalar(reader: YamlReader, node: unknown): string | undefined {
  const source = isAlias(node) ? reader.anchors.get(node.source)?.node : node;
  const isShort = isScalar(source) && (typeof source.value === 'number' || typeof source.value === 'boolean');
  return isShort ? source.source : undefined;
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN';
}

/** A key as written: `1` and `true` are names too. */
function keyText(value: unknown, source: string | undefined): string | null {
  return typeof value === 'string' ? value : value === null ? null : (source ?? null);
}

function hasExtent(node: unknown): boolean {
  const range = (node as Node | null)?.range;
  return Array.isArray(range) && range[1] > range[0];
}

/** Where a node begins, 0 for one that is not in the text. */
export function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
