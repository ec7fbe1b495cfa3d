/** A map of JSON. What a server sends is not known to have any shape: each field is looked at before it is used. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** The map that this value is; an empty one for anything else. */
export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The list that this value is; an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text that this value is; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text that this value is; null for anything else, as where it is not set. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The boolean that this value is; null for anything else, as where it is not set. */
export function booleanOrNull(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** The whole number that this value is; null for anything else. */
export function wholeNumberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The names and texts of a map, in the order of the bytes of their names; values that are no text are left out. */
export function textsOf(value: unknown): readonly (readonly [name: string, text: string])[] {
  const texts = Object.entries(mapOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)));
}

/** The value of a text of JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
