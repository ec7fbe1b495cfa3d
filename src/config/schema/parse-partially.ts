import { z } from 'zod';
import type { FileProblem } from '../../text/file-problem.ts';
import { fieldNotes, type FieldNotes } from './field-schemas.ts';
import { quoteValue } from '../../text/quote-value.ts';
import { nearestWord } from '../../text/nearest-word.ts';
import { isPlainList, isPlainMap, type Plain, type PlainMap } from '../../yaml/plain.ts';
import { pathText, type Path } from '../../yaml/path.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';

/** What a schema gives, with every part that was wrong left out. */
export type Partially<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Partially<Item> | undefined)[]
    : T extends object
      ? { readonly [Key in keyof T]?: Partially<T[Key]> }
      : T;

export type PartialResult<T> = {
  readonly value: Partially<T> | undefined;
  readonly problems: readonly FileProblem[];
  /** The values that were left out, as `pathText` writes their paths: rules between keys have nothing to say about them. */
  readonly wrong: ReadonlySet<string>;
};

/** What to say about a key that the schema does not know; undefined: the usual. */
export type UnknownKey = (path: Path) => string | undefined;

/**
 * Parses as far as the schema goes, and goes on after a mistake: maps and lists are walked here and only what they hold
 * is left to the schema, so that one wrong key does not hide what is wrong elsewhere. The problems come in no order.
 */
export function parsePartially<S extends z.ZodType>(
  schema: S,
  source: YamlSource,
  unknownKey: UnknownKey = () => undefined,
): PartialResult<z.output<S>> {
  const walk: Walk = { source, problems: [], wrong: new Set(), unknownKey };
  const value = visit(schema, { value: source.root ?? null, path: [] }, walk);
  return { value: value as Partially<z.output<S>> | undefined, problems: walk.problems, wrong: walk.wrong };
}

type Walk = {
  readonly source: YamlSource;
  readonly problems: FileProblem[];
  readonly wrong: Set<string>;
  readonly unknownKey: UnknownKey;
};

/** A value and where it stands. */
type Spot<V extends Plain | undefined = Plain | undefined> = { readonly value: V; readonly path: Path };

/** What the schema makes of a value; undefined: nothing stands there, or what stands there was refused. */
function visit(schema: z.core.$ZodType, spot: Spot, walk: Walk): unknown {
  const { value, path } = spot;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) {
    if (value !== undefined && value !== null) return visit(schema.unwrap(), spot, walk);
    // Nothing after a key is not the same as no key: it may be a slip, and `tls:` alone could be meant either way.
    if (value === null)
      return refuse(path, `${pathText(path)} is empty; ${expectation(schema)}; or remove the key`, walk);
    if (schema instanceof z.ZodOptional) return undefined;
    return visit(schema.unwrap(), { value: schema.def.defaultValue as Plain, path }, walk);
  }
  if (schema instanceof z.ZodObject && isPlainMap(value)) return map(schema, { value, path }, walk);
  if (schema instanceof z.ZodArray && isPlainList(value)) return list(schema, { value, path }, walk);
  if (schema instanceof z.ZodRecord && isPlainMap(value)) return record(schema, { value, path }, walk);
  if (schema instanceof z.ZodUnion && isPlainMap(value)) {
    const inner = schema.options.find((option) => option instanceof z.ZodObject);
    if (inner !== undefined) return visit(inner, spot, walk);
  }
  return leaf(schema, spot, walk);
}

function leaf(schema: z.core.$ZodType, spot: Spot, walk: Walk): unknown {
  const parsed = z.safeParse(schema, spot.value);
  if (parsed.success) return parsed.data;
  const own = parsed.error.issues.find((issue) => issue.code === 'custom' && issue.message !== 'Invalid input');
  const message =
    own?.message ?? `is ${describeValue(schema, spot.value)}; ${expectation(schema)}${quotesHint(schema, spot.value)}`;
  return refuse(spot.path, `${pathText(spot.path)} ${message}`, walk);
}

function map(schema: z.ZodObject, { value, path }: Spot<PlainMap>, walk: Walk): unknown {
  const known = schema.shape;
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(known, key)) reportUnknown([...path, key], Object.keys(known), walk);
  }
  const values: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(known)) {
    const innerPath = [...path, key];
    if (value[key] === undefined && !(inner instanceof z.ZodOptional) && !(inner instanceof z.ZodPrefault)) {
      refuse(innerPath, `${pathText(innerPath)} is missing; ${expectation(inner)}`, walk);
      continue;
    }
    const parsed = visit(inner, { value: value[key], path: innerPath }, walk);
    if (parsed !== undefined) values[key] = parsed;
  }
  return values;
}

function reportUnknown(path: Path, known: readonly string[], walk: Walk): void {
  const key = String(path.at(-1));
  const near = nearestWord(key, known);
  const all = known.length === 0 ? 'none is known here' : `known here: ${known.join(', ')}`;
  const hint = near === null ? all : `did you mean ${near}?`;
  const message = walk.unknownKey(path) ?? `unknown key ${pathText(path)}; ${hint}`;
  walk.problems.push(walk.source.problemAtKey(path, message));
}

function list(schema: z.ZodArray, { value, path }: Spot<readonly Plain[]>, walk: Walk): unknown {
  return value.map((item, index) => visit(schema.element, { value: item, path: [...path, index] }, walk));
}

function record(schema: z.ZodRecord, { value, path }: Spot<PlainMap>, walk: Walk): unknown {
  const values = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    const parsed = visit(schema.valueType, { value: item, path: [...path, key] }, walk);
    if (parsed !== undefined) values[key] = parsed;
  }
  return values;
}

/** Notes a refused value. Gives undefined: nothing of it can be used. */
function refuse(path: Path, message: string, walk: Walk): undefined {
  walk.problems.push(walk.source.problemAt(path, message));
  walk.wrong.add(pathText(path));
}

function notesOf(schema: z.core.$ZodType): FieldNotes | undefined {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
  return wrapped ? notesOf(schema.unwrap()) : fieldNotes.get(schema as z.ZodType);
}

function expectation(schema: z.core.$ZodType): string {
  return `expected ${notesOf(schema)?.expected ?? 'something else'}`;
}

function describeValue(schema: z.core.$ZodType, value: Plain | undefined): string {
  if (value === null || value === undefined) return 'empty';
  return notesOf(schema)?.secret === true && typeof value !== 'object' ? 'not usable' : quoteValue(value);
}

/** YAML reads 12 as a number and "3" as text: where the other of the two would do, say so. */
function quotesHint(schema: z.core.$ZodType, value: Plain | undefined): string {
  if (typeof value === 'string') {
    const isNumber = value.trim() !== '' && z.safeParse(schema, Number(value)).success;
    return isNumber ? '; write it without quotes' : '';
  }
  const isScalar = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  return isScalar && z.safeParse(schema, String(value)).success ? '; put it in quotes' : '';
}
