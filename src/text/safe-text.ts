/**
 * Characters that could forge a line, move a cursor or reorder what people read: C0 and C1 controls, DEL, the Unicode line
 * separators, and the bidirectional and zero-width marks ("Trojan Source", CVE-2021-42574). Lone surrogates are not text at all.
 */
// oxlint-disable-next-line no-control-regex -- controls are what this is about
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/**
 * The text with every character that is not safe on a terminal or in a log line written as `\uXXXX`; all else is kept.
 * For names and messages that came from outside: a resolver, a configuration, an error of the runtime.
 *
 * @example safeText('a\u001b[2Jb')  // 'a\\u001b[2Jb'
 */
export function safeText(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** What stands for itself between double quotes: ASCII that is printed, without quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** `safeText` in double quotes, quotes and backslashes escaped: a JSON string, which is a logfmt value too. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : safeText(JSON.stringify(text));
}

/** A plain object as JSON, with every character that is not safe escaped; such a one stands nowhere but in its strings. */
export function safeJson(value: object): string {
  return safeText(JSON.stringify(value));
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
