import { uint31, uint32 } from './http2-frames.ts';

/** RFC 9113, 6.9.1: windows beyond this are an error of whoever opens them. */
const LARGEST_WINDOW = 0x7fff_ffff;
/** Of the connection and of each stream, unless the peer says otherwise. */
const FIRST_WINDOW = 65_535;
const INITIAL_WINDOW_SIZE = 4;
const SETTING_BYTES = 6;

/**
 * How much data the peer takes, on the connection and on the one stream that is open. Only data count, and only requests of
 * gRPC have any. Each function answers false where the peer opens a window further than it may.
 */
export class SendWindow {
  #connection = FIRST_WINDOW;
  #ofNewStream = FIRST_WINDOW;
  #stream = FIRST_WINDOW;

  /** What may be sent now; below 0 where the peer took back what it had allowed. */
  get left(): number {
    return Math.min(this.#connection, this.#stream);
  }

  openStream(): void {
    this.#stream = this.#ofNewStream;
  }

  sent(bytes: number): void {
    this.#connection -= bytes;
    this.#stream -= bytes;
  }

  /** The payload of SETTINGS. */
  configure(payload: Uint8Array): boolean {
    for (let at = 0; at + SETTING_BYTES <= payload.length; at += SETTING_BYTES) {
      if (payload[at] !== 0 || payload[at + 1] !== INITIAL_WINDOW_SIZE) continue;
      const size = uint32(payload, at + 2);
      if (size > LARGEST_WINDOW) return false;
      this.#stream += size - this.#ofNewStream;
      this.#ofNewStream = size;
    }
    return this.#stream <= LARGEST_WINDOW;
  }

  /** The payload of WINDOW_UPDATE for the connection. */
  widenConnection(payload: Uint8Array): boolean {
    const increment = uint31(payload, 0);
    this.#connection += increment;
    return increment > 0 && this.#connection <= LARGEST_WINDOW;
  }

  /** The same for the open stream. */
  widenStream(payload: Uint8Array): boolean {
    const increment = uint31(payload, 0);
    this.#stream += increment;
    return increment > 0 && this.#stream <= LARGEST_WINDOW;
  }
}
