/** etcd takes objects of at most 1.5 MiB; as JSON, with what the API server adds, they stay well below this. */
export const LONGEST_PIECE_BYTES = 8 * 1024 * 1024;

/** What bytes were taken apart into. */
export type Piece =
  /** One object as text of JSON. */
  | { readonly kind: 'object'; readonly text: string }
  /** Nothing more comes: what follows is of no use. */
  | { readonly kind: 'tooLong' };

/** Takes bytes apart, however they are cut. One for each answer of the server. */
export type Splitter = {
  /** The pieces that are complete with these bytes. */
  push(bytes: Buffer): Iterable<Piece>;
  /** Whether nothing incomplete is left: the end of the bytes is the end of the answer. */
  readonly isComplete: boolean;
};

/** One object a line, as a watch sends them. Empty lines are none. */
export class LineSplitter implements Splitter {
  readonly #longest: number;
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(longest: number = LONGEST_PIECE_BYTES) {
    this.#longest = longest;
  }

  get isComplete(): boolean {
    return this.#begunBytes === 0;
  }

  *push(bytes: Buffer): Generator<Piece> {
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      this.#begin(bytes.subarray(start, end));
      start = end + 1;
      if (this.#begunBytes > this.#longest) return yield { kind: 'tooLong' };
      const text = Buffer.concat(this.#begun, this.#begunBytes).toString();
      this.#begun = [];
      this.#begunBytes = 0;
      if (text.trim() !== '') yield { kind: 'object', text };
    }
    this.#begin(bytes.subarray(start));
    if (this.#begunBytes > this.#longest) yield { kind: 'tooLong' };
  }

  #begin(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
  }
}
