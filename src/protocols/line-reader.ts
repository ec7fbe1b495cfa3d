import { GrowingBytes } from './growing-bytes.ts';
import { latin1 } from './latin1.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Longer than any line of a protocol that we speak. */
const LONGEST_LINE_BYTES = 8 * 1024;
const NO_BYTES = new Uint8Array();

/** The next line without its end; `more`: it is not whole yet; `broken`: it is longer than 8 KiB. */
export type NextLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'more' }
  | { readonly kind: 'broken' };

/** Cuts a stream into lines that end with LF or CR LF, whatever pieces it comes in. */
export class LineReader {
  /** The beginning of a line that is not whole yet; null: no line has begun, and a held connection that waits has none. */
  #kept: GrowingBytes | null = null;
  #isBroken = false;
  #piece: Uint8Array = NO_BYTES;

  /** The next piece. To be called when `next` said `more`; it is read during the calls of `next` that follow. */
  feed(piece: Uint8Array): void {
    this.#piece = piece;
  }

  /** The beginning of the line that is not whole yet. */
  get begun(): Uint8Array {
    return this.#kept?.peek() ?? NO_BYTES;
  }

  /** What of the piece no line has taken yet: it is taken with this, and the line that is not whole is dropped. */
  takeRest(): Uint8Array {
    const rest = this.#piece;
    this.#piece = NO_BYTES;
    this.#kept = null;
    return rest;
  }

  next(): NextLine {
    if (this.#isBroken) return { kind: 'broken' };
    const end = this.#piece.indexOf(LINE_FEED);
    const taken = this.#piece.subarray(0, end === -1 ? this.#piece.length : end);
    const keptBytes = this.#kept?.length ?? 0;
    if (keptBytes + taken.length > LONGEST_LINE_BYTES) {
      this.#isBroken = true;
      this.#keep(taken.subarray(0, LONGEST_LINE_BYTES - keptBytes));
      return { kind: 'broken' };
    }
    const left = this.#piece.subarray(end === -1 ? this.#piece.length : end + 1);
    // An empty view is of no use, and would be kept until something else comes.
    this.#piece = left.length === 0 ? NO_BYTES : left;
    if (end === -1) {
      this.#keep(taken);
      return { kind: 'more' };
    }
    return { kind: 'line', text: latin1(withoutReturn(this.#whole(taken))) };
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length > 0) (this.#kept ??= new GrowingBytes()).append(bytes);
  }

  /** The line that ends with these bytes. One that came in one piece is not copied. */
  #whole(end: Uint8Array): Uint8Array {
    if (this.#kept === null) return end;
    this.#keep(end);
    const line = this.#kept.take();
    this.#kept = null;
    return line;
  }
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
