import type { Pace } from '../../clock/turn-slices.ts';

/** One write to the socket: the objects of a few hundred peers. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * `{"NAME":[...]}` of these JSON texts, in pieces; goes on as long as the pace allows. `beside`: one more key of the object.
 */
// oxlint-disable-next-line max-params -- the fourth is for few callers
export async function* jsonListPieces(
  name: string,
  texts: Iterable<string>,
  pace: Pace,
  beside: { readonly name: string; readonly value: unknown } | null = null,
): AsyncIterable<string> {
  let piece = `{${JSON.stringify(name)}:[`;
  let separator = '';
  for (const text of texts) {
    if (pace.isOver()) await pace.next();
    piece += separator + text;
    separator = ',';
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield beside === null
    ? `${piece}]}\n`
    : `${piece}],${JSON.stringify(beside.name)}:${JSON.stringify(beside.value)}}\n`;
}

/** A text in pieces, so that a reader who does not read costs no copy of the whole. */
export async function* textPieces(text: string, pace: Pace): AsyncIterable<string> {
  for (let from = 0, to = 0; from < text.length; from = to) {
    if (pace.isOver()) await pace.next();
    to = from + PIECE_CHARACTERS;
    if (isHighSurrogate(text.charCodeAt(to - 1))) to++; // half a character would become U+FFFD
    yield text.slice(from, to);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
