import { GrowingBytes } from './growing-bytes.ts';

const NO_BYTES = new Uint8Array();

/** The next frame, header included, so far as it is kept; `more`: it is not whole yet; `broken`: its header cannot be one. */
export type NextFrame =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'more' }
  | { readonly kind: 'broken' };

/** What the frames of a protocol look like: one value for all sessions, since each keeps it. */
export type FramerOptions = {
  /** Of the shortest header. */
  readonly headerBytes: number;
  /** The length of the whole frame by its header; `longer`: its header has one more byte; null: no such frame is allowed. */
  readonly sizeOf: (header: Uint8Array) => number | 'longer' | null;
  /** What is longer is read to its end and kept only so far. */
  readonly keepAtMost: number;
};

/**
 * Cuts a stream into frames, whatever pieces it comes in, and keeps at most `keepAtMost` bytes. A frame shorter than its own
 * header is broken: it would be found again and again without an end. Broken once is broken for good.
 */
export class Framer {
  #options: FramerOptions;
  /** Of the frame that is being read; null: none has begun, and a held connection that waits has none. */
  #kept: GrowingBytes | null = null;
  /** Of the frame that is being read; null: its header is not whole yet. */
  #size: number | null = null;
  #seen = 0;
  #state: 'reading' | 'broken' | 'stopped' = 'reading';
  #piece: Uint8Array = NO_BYTES;

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  /** What frames look like from the next one on. */
  become(options: FramerOptions): void {
    this.#options = options;
  }

  /** The next piece. To be called when `next` said `more`; it is read during the calls of `next` that follow. */
  feed(piece: Uint8Array): void {
    this.#piece = piece;
  }

  /** How many bytes of the piece are left behind the last frame. */
  get left(): number {
    return this.#piece.length;
  }

  /** The beginning of the frame that is not whole yet. */
  get begun(): Uint8Array {
    return this.#kept?.peek() ?? NO_BYTES;
  }

  /** No frame is wanted any more: `next` says `more` from here on. */
  stop(): void {
    this.#state = 'stopped';
  }

  next(): NextFrame {
    if (this.#state === 'reading' && this.#size === null) this.#readHeader();
    if (this.#state === 'broken') return { kind: 'broken' };
    if (this.#size === null) return { kind: 'more' };
    const size = this.#size;
    this.#read(size - this.#seen);
    if (this.#seen < size) return { kind: 'more' };
    this.#size = null;
    this.#seen = 0;
    const bytes = this.#kept?.take() ?? NO_BYTES;
    this.#kept = null;
    return { kind: 'frame', bytes };
  }

  /** The size is known behind it, unless the header is not whole yet or broken. */
  #readHeader(): void {
    const { headerBytes, sizeOf } = this.#options;
    for (let wanted = Math.max(headerBytes, this.#seen + 1); ; wanted++) {
      this.#read(wanted - this.#seen);
      if (this.#seen < wanted) return;
      const size = sizeOf(this.begun);
      if (size === 'longer') continue;
      if (size === null || size < wanted) this.#state = 'broken';
      else this.#size = size;
      return;
    }
  }

  #read(wanted: number): void {
    const taken = this.#piece.subarray(0, wanted);
    const left = this.#piece.subarray(taken.length);
    // An empty view is of no use, and would be kept until something else comes.
    this.#piece = left.length === 0 ? NO_BYTES : left;
    this.#seen += taken.length;
    const room = this.#options.keepAtMost - (this.#kept?.length ?? 0);
    if (room > 0 && taken.length > 0) (this.#kept ??= new GrowingBytes()).append(taken.subarray(0, room));
  }
}
