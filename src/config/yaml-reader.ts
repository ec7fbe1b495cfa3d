import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { ConfigProblem } from './config.ts';

/** Plain data as YAML gives it. Maps have no prototype. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | { readonly [key: string]: Plain };

/** Offsets in the text: of the key, and of the value (the key's where no value is written). */
export type Place = { readonly key: number; readonly value: number };
export type Places = Map<string | number, Place>;

/** A scalar in the text: from its first quote to its last. */
export type ScalarPlace = { readonly start: number; readonly end: number; readonly value: string };

/** Turns YAML nodes into plain data and remembers where everything stands. */
export type YamlReader = {
  /** By the map or list they belong to. */
  readonly places: WeakMap<object, Places>;
  readonly problems: ConfigProblem[];
  /** The scalars under each key name, wherever they are; behind an alias, the one it stands for. */
  readonly scalars: Map<string, ScalarPlace[]>;
  /** Some part could not be read: nothing can be said about the rest. */
  broken: boolean;
  nodes: number;
  /** Maps and lists that are being read, so that one that contains itself is seen. */
  readonly open: Set<unknown>;
  readonly document: Document.Parsed;
  readonly problemAt: (offset: number, message: string) => ConfigProblem;
};

/** A configuration of 15,000 targets with labels has some 100,000 nodes; aliases of aliases reach billions. */
const MOST_NODES = 5_000_000;
/** The parser recurses; people do not nest deeper than this, and the stack holds it many times over. */
const DEEPEST = 100;
export const TOO_DEEP = `nested more than ${DEEPEST} levels deep`;

export function createYamlReader(document: Document.Parsed, problemAt: YamlReader['problemAt']): YamlReader {
  return {
    places: new WeakMap(),
    problems: [],
    scalars: new Map(),
    broken: false,
    nodes: 0,
    open: new Set(),
    document,
    problemAt,
  };
}

/** The value of a node. Where it cannot be read: null, a problem, and the reader is broken. */
export function readNode(reader: YamlReader, node: unknown, depth: number): Plain {
  reader.nodes += 1;
  if (reader.nodes === MOST_NODES) return fail(reader, node, 'the aliases in this file expand to too much');
  if (reader.nodes > MOST_NODES) return null;
  if (depth > DEEPEST) return fail(reader, node, TOO_DEEP);
  if (isAlias(node)) return readAlias(reader, node, depth);
  if (isScalar(node)) return readScalar(node.value);
  if (!isMap(node) && !isSeq(node)) return null;
  if (reader.open.has(node)) return fail(reader, node, 'this contains itself through an alias');
  reader.open.add(node);
  const value = isMap(node) ? readMap(reader, node, depth) : readSequence(reader, node, depth);
  reader.open.delete(node);
  return value;
}

function fail(reader: YamlReader, node: unknown, message: string): null {
  reader.problems.push(reader.problemAt(startOf(node), message));
  reader.broken = true;
  return null;
}

function readAlias(reader: YamlReader, node: Alias, depth: number): Plain {
  const source = node.resolve(reader.document);
  if (source === undefined) return fail(reader, node, `no anchor &${node.source} stands before this alias`);
  return readNode(reader, source, depth + 1);
}

function readScalar(value: unknown): Plain {
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return plain || typeof value === 'bigint' ? value : null;
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
  for (const pair of node.items) if (!isMergeKey(pair)) addPair(reader, pair, filling);
  for (const pair of node.items) if (isMergeKey(pair)) addMerged(reader, pair, filling);
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
  places.set(key, { key: at, value: hasExtent(pair.value) ? startOf(pair.value) : at });
  values[key] = readNode(reader, pair.value, depth + 1);
}

/** What the map itself says wins over what it merges; of several sources the first wins. */
function addMerged(reader: YamlReader, pair: Pair, { values, places, depth }: Filling): void {
  const source = readNode(reader, pair.value, depth + 1);
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

function rememberScalar(reader: YamlReader, key: string, node: unknown): void {
  const source = isAlias(node) ? node.resolve(reader.document) : node;
  if (!isScalar(source) || !source.range || typeof source.value !== 'string') return;
  const scalars = reader.scalars.get(key) ?? [];
  scalars.push({ start: source.range[0], end: source.range[1], value: source.value });
  reader.scalars.set(key, scalars);
}

function isPlainList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
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
