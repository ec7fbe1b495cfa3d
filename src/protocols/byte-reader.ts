/**
 * Reads bytes that a peer sent, from the front. Every getter answers null beyond the end, so that a length that a peer made
 * up is an answer and no exception.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number | null {
    return this.#bytes[this.#at++] ?? null;
  }

  /** Big endian, unsigned. */
  uint16(): number | null {
    const two = this.take(2);
    return two === null ? null : (two[0] ?? 0) * 0x100 + (two[1] ?? 0);
  }

  /** Little endian, unsigned. */
  uint16le(): number | null {
    const two = this.take(2);
    return two === null ? null : (two[0] ?? 0) + (two[1] ?? 0) * 0x100;
  }

  /** Big endian, unsigned. */
  uint32(): number | null {
    const four = this.take(4);
    if (four === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = four;
    return a * 0x1000000 + ((b << 16) | (c << 8) | d);
  }

  /** Little endian, unsigned. */
  uint32le(): number | null {
    const four = this.take(4);
    if (four === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = four;
    return d * 0x1000000 + ((c << 16) | (b << 8) | a);
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array | null {
    if (length < 0 || length > this.left) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** All that is left, not copied. */
  rest(): Uint8Array {
    return this.#bytes.subarray(Math.min(this.#at, this.#bytes.length));
  }

  /** UTF-8 up to the next zero byte, which is read too; null where there is none. */
  text(): string | null {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1 || this.#at > this.#bytes.length) return null;
    const text = utf8(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
}

const DECODER = new TextDecoder();

/** What is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}
