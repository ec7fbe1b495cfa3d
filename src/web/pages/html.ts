import { safeText } from '../../text/safe-text.ts';

/** Markup that is safe to send: it was written here, and whatever came from outside is escaped in it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes. `null`, `false` and undefined are nothing. */
export type HtmlValue = Html | string | number | null | false | undefined | readonly HtmlValue[];

/**
 * A template that escapes by default: every text in it is foreign, for the content of an element as for an attribute in
 * double quotes. Control characters and marks of direction become visible, `\u202e`. Only `Html` goes in as it is.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += textOf(value) + (strings[index + 1] ?? '');
  return new Html(text);
}

function textOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return safeText(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
