import { FLAG, FRAME, type Http2Frame } from './http2-frames.ts';

/** Longer than the headers of any answer, and more parts: a peer may send both without an end. */
const MOST_BYTES = 64 * 1024;
const MOST_PARTS = 64;

/** What a frame is to the headers that are being read. */
export type HeaderProgress =
  /** It is no part of headers. */
  | 'other'
  /** More of them has to come, and nothing else in between. */
  | 'more'
  | { readonly kind: 'done'; readonly stream: number; readonly endsStream: boolean }
  /** It breaks into headers, continues none, or goes beyond a bound. */
  | 'broken';

/** Follows header blocks over their frames (RFC 9113, 4.3). Their fields are skipped: nothing in them is needed. */
export class HeaderReading {
  /** Of the block that is open; 0: none is. */
  #stream = 0;
  #endsStream = false;
  #bytes = 0;
  #parts = 0;

  take({ type, flags, stream, length }: Http2Frame): HeaderProgress {
    if (this.#stream === 0) {
      if (type === FRAME.continuation) return 'broken';
      if (type !== FRAME.headers) return 'other';
      if (stream === 0) return 'broken';
      this.#stream = stream;
      this.#endsStream = (flags & FLAG.endStream) !== 0;
      this.#bytes = 0;
      this.#parts = 0;
    } else if (type !== FRAME.continuation || stream !== this.#stream) {
      return 'broken';
    }
    this.#bytes += length;
    this.#parts += 1;
    if (this.#bytes > MOST_BYTES || this.#parts > MOST_PARTS) return 'broken';
    if ((flags & FLAG.endHeaders) === 0) return 'more';
    this.#stream = 0;
    return { kind: 'done', stream, endsStream: this.#endsStream };
  }
}
