/** Plain data as YAML gives it. Maps have no prototype. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | PlainMap;
export type PlainMap = { readonly [key: string]: Plain };

export function isPlainMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isPlainList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}
