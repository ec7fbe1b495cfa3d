/** Longer values are cut: a message is one line. */
const LONGEST = 60;

/** A value as a message shows it. Text is quoted, so that "5" and 5 differ; the user part of a URL is masked. */
export function quoteValue(value: string | number | bigint | boolean | object | null): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'empty' : 'a map';
  if (typeof value !== 'string') return `the ${typeof value === 'boolean' ? 'boolean' : 'number'} ${value}`;
  const withoutUser = value.replace(/(:\/\/)[^\s/@]*@/, '$1<secret>@');
  return JSON.stringify(withoutUser.length > LONGEST ? `${withoutUser.slice(0, LONGEST)}...` : withoutUser);
}
