/** The least that is allocated. */
const FIRST_BYTES = 64;

/**
 * Bytes that come in pieces, copied behind one another. It grows by doubling, so that a peer that sends single bytes costs
 * no more than one that sends them together.
 */
export class GrowingBytes {
  #bytes: Uint8Array | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (this.#bytes === null || this.#bytes.length < needed) {
      const grown = new Uint8Array(Math.max(FIRST_BYTES, needed, 2 * (this.#bytes?.length ?? 0)));
      if (this.#bytes !== null) grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** All of them, not copied; the buffer begins anew, and a held connection that waits keeps none. */
  take(): Uint8Array {
    const taken = this.#bytes?.subarray(0, this.#length) ?? new Uint8Array();
    this.#bytes = null;
    this.#length = 0;
    return taken;
  }

  /** As they are so far, not copied. */
  peek(): Uint8Array {
    return this.#bytes?.subarray(0, this.#length) ?? new Uint8Array();
  }
}
