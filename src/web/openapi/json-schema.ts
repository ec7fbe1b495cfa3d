/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = { readonly [key: string]: unknown };

export const TEXT: JsonSchema = { type: 'string' };
export const NUMBER: JsonSchema = { type: 'number' };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const FLAG: JsonSchema = { type: 'boolean' };
export const TIME: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: 'RFC 3339 in UTC, with milliseconds',
};
export const EVENT_ID: JsonSchema = {
  type: 'string',
  pattern: '^[0-9]{1,16}$',
  description: 'Grows with each event, and over restarts',
};
export const TEXTS_BY_NAME: JsonSchema = { type: 'object', additionalProperties: TEXT };

/** One of these words. */
export function word(words: readonly string[]): JsonSchema {
  return { type: 'string', enum: words };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A number for each of some names. */
export function counts(): JsonSchema {
  return { type: 'object', additionalProperties: COUNT };
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** An object with all of the first and any of the others, and nothing else. */
export function object(always: Properties, sometimes: Properties = {}): JsonSchema {
  return {
    type: 'object',
    properties: { ...always, ...sometimes },
    required: Object.keys(always),
    additionalProperties: false,
  };
}
