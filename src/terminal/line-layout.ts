import { longestWord, wrapText } from '../text/wrap-text.ts';

/** One line for people before it is laid out. */
export type TerminalLine = {
  readonly time: string;
  /** Padded to the width of its column; empty: no column of names. */
  readonly name: string;
  readonly text: string;
  /** What goes below the text, with the same indent; empty: nothing. */
  readonly advice: string;
};

/** Where the text begins, and what stands before it in each of its lines. */
export type LaidOut = {
  readonly head: string;
  readonly lines: readonly string[];
  readonly advice: readonly string[];
  readonly indent: number;
};

const GAP = '  ';
/** With less room than this beside time and name the text begins below them: four words a line are hard to read. */
const LEAST_BESIDE = 40;
/** What lies below is indented so far that the times still stand out. */
const INDENT_BELOW = 4;

/**
 * Lays a line out for `columns`: the text goes on below itself, where there is room for it and for its longest word beside time
 * and name; else all of it stands below them. Null: one line, however long, as programs and `grep` want it.
 */
export function layOut({ time, name, text, advice }: TerminalLine, columns: number | null): LaidOut {
  const head = name === '' ? time + GAP : time + GAP + name + GAP;
  const at = (indent: number) => {
    const width = columns === null ? null : columns - indent;
    return { indent, lines: wrapText(text, width), advice: advice === '' ? [] : wrapText(advice, width) };
  };
  const least = Math.max(LEAST_BESIDE, longestWord(text), longestWord(advice));
  if (columns === null || columns - head.length >= least) return { head, ...at(head.length) };
  const below = at(INDENT_BELOW);
  if (head.length + text.length <= columns) return { head, ...below, lines: [text] };
  // A name that is nearly as wide as the terminal is below the time, too.
  const isWide = head.trimEnd().length > columns;
  return isWide
    ? { head: time, ...below, lines: ['', name.trimEnd(), ...below.lines] }
    : { head, ...below, lines: ['', ...below.lines] };
}
