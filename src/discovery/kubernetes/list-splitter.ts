import { LONGEST_PIECE_BYTES, type Piece, type Splitter } from './line-splitter.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_MAP, CLOSE_MAP, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const ITEMS = Buffer.from('items');

/**
 * The objects of a list, each as soon as it is there: a list of 500 pods is 3 MB, and to parse it as a whole would hold
 * the event loop for 150 ms. `rest` is the list without them.
 */
export class ListSplitter implements Splitter {
  readonly #longest: number;
  /** Open brackets: 1 in the list itself, 2 between its items, 3 and more in an item. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isInItems = false;
  /** The last string on the first level, as far as it may be `items`. */
  #key: number[] = [];
  /** What is kept of the bytes at hand: the rest of the list, an item, or nothing between two items. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(longest: number = LONGEST_PIECE_BYTES) {
    this.#longest = longest;
  }

  /** The list without its items, once it is complete. */
  get rest(): string {
    return Buffer.concat(this.#rest, this.#restBytes).toString();
  }

  get isComplete(): boolean {
    return this.#depth === 0 && this.#restBytes > 0;
  }

  *push(bytes: Buffer): Generator<Piece> {
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#isInString) {
        this.#goOnInString(byte);
        continue;
      }
      if (byte === QUOTE) this.#beginString();
      else if (byte === COMMA && this.#depth === 1) this.#key = [];
      else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        this.#depth += 1;
        if (this.#isInItems && this.#depth === 3) start = at;
        else if (this.#beginsItems(byte)) {
          this.#keepRest(bytes.subarray(start, at + 1));
          this.#isInItems = true;
        }
      } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        this.#depth -= 1;
        if (this.#isInItems && this.#depth === 2) yield this.#endItem(bytes.subarray(start, at + 1));
        else if (this.#isInItems && this.#depth === 1) {
          this.#isInItems = false;
          start = at;
        }
      }
    }
    if (!this.#isInItems) this.#keepRest(bytes.subarray(start));
    else if (this.#depth >= 3) this.#keepItem(bytes.subarray(start));
    if (this.#keptBytes > this.#longest || this.#restBytes > this.#longest) yield { kind: 'tooLong' };
  }

  #beginString(): void {
    this.#isInString = true;
    if (this.#depth === 1) this.#key = [];
  }

  #goOnInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
    // One more than the name has: a longer key is another one.
    if (this.#isInString && this.#depth === 1 && this.#key.length <= ITEMS.length) this.#key.push(byte);
  }

  #beginsItems(byte: number): boolean {
    return byte === OPEN_LIST && this.#depth === 2 && ITEMS.equals(Buffer.from(this.#key));
  }

  #endItem(bytes: Buffer): Piece {
    this.#keepItem(bytes);
    const text = Buffer.concat(this.#kept, this.#keptBytes).toString();
    const isTooLong = this.#keptBytes > this.#longest;
    this.#kept = [];
    this.#keptBytes = 0;
    return isTooLong ? { kind: 'tooLong' } : { kind: 'object', text };
  }

  #keepItem(bytes: Buffer): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
  }

  #keepRest(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }
}
