/** Longer values are cut: a message is one line. */
const LONGEST = 60;

/** A value as a message shows it. Text is quoted, so that "5" and 5 differ; the user part of a URL is masked. */
export function quoteValue(
  value: string | number | bigint | boolean | object | null,
  longest: number = LONGEST,
): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'empty' : 'a map';
  if (typeof value !== 'string') return `the ${typeof value === 'boolean' ? 'boolean' : 'number'} ${value}`;
  const shown = withoutUser(value);
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}...` : shown);
}

/** A password may hold any character, / and @ too: all up to the last @ is masked. */
function withoutUser(text: string): string {
  const [scheme, at] = [text.indexOf('://'), text.lastIndexOf('@')];
  return scheme === -1 || at < scheme ? text : `${text.slice(0, scheme + 3)}<secret>${text.slice(at)}`;
}
