import { wrapText } from '../text/wrap-text.ts';

/** One line for people before it is laid out. */
export type TerminalLine = {
  readonly time: string;
  /** Padded to the width of its column; empty: no column of names. */
  readonly name: string;
  readonly text: string;
};

/** Where the text begins, and what stands before it in each of its lines. */
export type LaidOut = { readonly head: string; readonly lines: readonly string[]; readonly indent: number };

const GAP = '  ';
/** With less room than this beside time and name the text begins below them: four words a line are hard to read. */
const LEAST_BESIDE = 40;
/** What lies below is indented so far that the times still stand out. */
const INDENT_BELOW = 4;

/**
 * Lays a line out for `columns`: the text goes on below itself, where there is room for it beside time and name; else all of
 * it stands below them. Null: one line, however long, as programs and `grep` want it.
 */
export function layOut({ time, name, text }: TerminalLine, columns: number | null): LaidOut {
  const head = name === '' ? time + GAP : time + GAP + name + GAP;
  if (columns === null || columns - head.length >= LEAST_BESIDE) {
    const lines = wrapText(text, columns === null ? null : columns - head.length);
    return { head, lines, indent: head.length };
  }
  if (head.length + text.length <= columns) return { head, lines: [text], indent: INDENT_BELOW };
  const below = wrapText(text, columns - INDENT_BELOW);
  // A name that is nearly as wide as the terminal is below the time, too.
  if (head.trimEnd().length > columns)
    return { head: time, lines: ['', name.trimEnd(), ...below], indent: INDENT_BELOW };
  return { head, lines: ['', ...below], indent: INDENT_BELOW };
}
