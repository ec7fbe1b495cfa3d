type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Schema = { readonly [key: string]: Json };

/** Meta data of a schema of its own, and what only editors use. */
const LEFT_OUT = new Set(['$schema', 'title', 'default']);
/** Helm's regular expressions know no look-ahead. This one takes the units in any order; the daemon is the one that insists. */
const LOOK_AHEAD = '(?=';
const DURATION = '^(0|([0-9]+(ms|[ywdhms]))+)$';

/**
 * The schema of the chart's values with `config`, where it is a map, described by the daemon's own schema: Helm then
 * refuses what the daemon would refuse, before a pod is replaced. A string is taken as it is.
 *
 * Both arguments and the result are JSON text.
 */
export function chartSchema(values: string, config: string): string {
  const schema = JSON.parse(values) as { readonly properties: Schema };
  const text: Schema = { type: 'string', minLength: 1 };
  const properties = { ...schema.properties, config: { oneOf: [forHelm(JSON.parse(config) as Json), text] } };
  return `${JSON.stringify({ ...schema, properties }, null, 2)}\n`;
}

function forHelm(part: Json): Json {
  if (part === null || typeof part !== 'object') return part;
  if (isList(part)) return part.map(forHelm);
  const kept = Object.entries(part).filter(([keyword]) => !LEFT_OUT.has(keyword));
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, keywordForHelm(keyword, value)]));
}

function keywordForHelm(keyword: string, value: Json): Json {
  if (keyword === 'pattern' && typeof value === 'string') return value.includes(LOOK_AHEAD) ? DURATION : value;
  // Below `properties` are names of the configuration, which may be called like a keyword.
  if (keyword !== 'properties' || value === null || typeof value !== 'object' || isList(value)) return forHelm(value);
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, forHelm(schema)]));
}

function isList(part: Json): part is readonly Json[] {
  return Array.isArray(part);
}
