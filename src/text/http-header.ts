/** RFC 9110, 5.6.2: the characters of a header name. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5: visible ASCII, spaces and tabs between. */
const VALUE = /^[\t\x20-\x7e]*$/;

/** Whether a header can have this name. */
export function isHeaderName(text: string): boolean {
  return NAME.test(text);
}

/** Nothing in it can end its line: what follows would be another header. */
export function isHeaderValue(text: string): boolean {
  return VALUE.test(text);
}
