import { quoteValue } from '../../text/quote-value.ts';

/** The name part of a label key, and a value that is not empty (Kubernetes, "Labels and Selectors"). */
const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const DNS_LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const KEY = `(?:${DNS_LABEL}(?:\\.${DNS_LABEL})*/)?${NAME}`;
const VALUE = `(?:${NAME})?`;
const SET = `\\(\\s*${VALUE}(?:\\s*,\\s*${VALUE})*\\s*\\)`;
const REQUIREMENTS: readonly RegExp[] = [
  new RegExp(`^!?\\s*${KEY}$`),
  new RegExp(`^${KEY}\\s*(?:=|==|!=)\\s*${VALUE}$`),
  new RegExp(`^${KEY}\\s+(?:in|notin)\\s*${SET}$`),
  new RegExp(`^${KEY}\\s*[<>]\\s*-?\\d{1,18}$`),
];
/** A selector is part of a URL, which servers take up to 8 KiB of. */
const LONGEST = 4096;

/** What is wrong with a label selector, as the end of a sentence; null: nothing. Empty selects all. */
export function labelSelectorProblem(selector: string): string | null {
  if (selector === '') return null;
  if (selector.length > LONGEST) return tooLong(selector);
  for (const part of splitOutsideParentheses(selector)) {
    const requirement = part.trim();
    if (REQUIREMENTS.some((pattern) => pattern.test(requirement))) continue;
    return `is no label selector: ${quoteValue(requirement)}; expected KEY=VALUE, KEY!=VALUE, KEY in (A,B), KEY notin (A,B), KEY or !KEY, with commas between`;
  }
  return null;
}

/** What is wrong with a field selector, as the end of a sentence; null: nothing. Empty selects all. */
export function fieldSelectorProblem(selector: string): string | null {
  if (selector === '') return null;
  if (selector.length > LONGEST) return tooLong(selector);
  // In a value a backslash stands before a comma, an equals sign or another backslash.
  const terms = selector.match(/(?:\\[^]|[^,\\])+|\\$/g) ?? [];
  for (const term of terms) {
    if (/^[A-Za-z][A-Za-z0-9_.[\]'/-]*(?:==|!=|=)(?:\\[\\,=]|[^\\=])*$/.test(term.trim())) continue;
    return `is no field selector: ${quoteValue(term.trim())}; expected FIELD=VALUE or FIELD!=VALUE, with commas between`;
  }
  return terms.length === 0 ? 'is no field selector; expected FIELD=VALUE' : null;
}

function tooLong(selector: string): string {
  return `has ${selector.length} characters; expected at most ${LONGEST}`;
}

function splitOutsideParentheses(selector: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of selector) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
