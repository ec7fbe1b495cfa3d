import type { Pace } from '../../clock/turn-slices.ts';
import { safeText } from '../../text/safe-text.ts';

/** Markup that is made when its turn comes, so that a page is made in steps. */
type Deferred = () => HtmlValue;
type Piece = string | Deferred;

/** Markup that is safe to send: it was written here, and whatever came from outside is escaped in it. */
export class Html {
  /** No two texts stand next to each other. */
  readonly pieces: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }
}

/** What a template takes. `null`, `false` and undefined are nothing. */
export type HtmlValue = Html | string | number | null | false | undefined | Deferred | readonly HtmlValue[];

/**
 * A template that escapes by default: every text in it is foreign, for the content of an element as for an attribute in
 * double quotes. Control characters and marks of direction become visible, `\u202e`. Only `Html` goes in as it is.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const pieces: Piece[] = [strings[0] ?? ''];
  for (const [index, value] of values.entries()) {
    addValue(pieces, value);
    addText(pieces, strings[index + 1] ?? '');
  }
  return new Html(pieces);
}

/** The text of a page. What is deferred in it is made at this pace: a page of many rows holds nobody up. */
export async function renderHtml(page: Html, pace: Pace): Promise<string> {
  let text = '';
  const left = page.pieces.toReversed();
  for (let piece = left.pop(); piece !== undefined; piece = left.pop()) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    if (pace.isOver()) await pace.next();
    left.push(...html`${piece()}`.pieces.toReversed());
  }
  return text;
}

function addValue(pieces: Piece[], value: HtmlValue): void {
  if (value === null || value === undefined || value === false) return;
  if (value instanceof Html) {
    for (const piece of value.pieces) {
      if (typeof piece === 'string') addText(pieces, piece);
      else pieces.push(piece);
    }
  } else if (typeof value === 'function') pieces.push(value);
  else if (typeof value === 'object') for (const each of value) addValue(pieces, each);
  else addText(pieces, escaped(String(value)));
}

function addText(pieces: Piece[], text: string): void {
  const last = pieces.at(-1);
  if (typeof last === 'string') pieces[pieces.length - 1] = last + text;
  else pieces.push(text);
}

/** Stands for itself: printed ASCII without the five of `ENTITIES`. Most names are no more, and cost a tenth then. */
const PLAIN = /^[ !#-%(-;=?-~]*$/;

function escaped(text: string): string {
  return PLAIN.test(text) ? text : safeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
