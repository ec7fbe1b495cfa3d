/**
 * What a held connection shows of limits of time since the sample before, in milliseconds. A silence that something came after
 * was survived; one that lasts may be that of a dead path.
 */
export type Silences = {
  /** Since it was established. */
  readonly ageMs: number;
  /** The longest without a byte of payload either way, the one that lasts included. */
  readonly payloadMs: number;
  /** No silence of packets was longer, the one that lasts included. */
  readonly packetsAtMostMs: number;
  /** It survived this silence of packets. */
  readonly survivedMs: number;
  /** It survived no longer one: packets that nobody looked for may have come in between. */
  readonly survivedAtMostMs: number;
};

/** The kernel stamps packets in ticks of up to this. */
export const KERNEL_TICK_MS = 10;

/**
 * Follows the silences of one connection. Between two looks at the kernel's stamp only the last packet is known, so a silence
 * of packets has a least and a most length. Times are monotonic milliseconds, kept as whole numbers: there are 15,000 of these.
 */
export class SilenceTracker {
  readonly #establishedAt: number;
  #payloadAt: number;
  #payloadMs = 0;
  #packetAt: number;
  #lookedAt: number;
  /** Before a packet of ours that nothing came after so far. */
  #askedAfterMs = 0;
  #survivedMs = 0;
  #survivedAtMostMs = 0;

  constructor(establishedAt: number) {
    const at = Math.round(establishedAt);
    this.#establishedAt = at;
    this.#payloadAt = at;
    this.#packetAt = at;
    this.#lookedAt = at;
  }

  /** Payload came in. */
  received(at: number): void {
    this.#payload(at);
    this.#packetIn(at, at);
  }

  /** Payload goes out; the last packet either way had passed at `packetAt`; null: packets of ours are under way already. */
  sending(at: number, packetAt: number | null): void {
    this.#payload(at);
    if (packetAt !== null) {
      this.#packetIn(at, packetAt);
      this.#askedAfterMs = Math.max(this.#askedAfterMs, Math.round(at) - this.#packetAt);
    }
    this.#packetAt = Math.round(at);
    this.#lookedAt = this.#packetAt;
  }

  /** The kernel says that the last packet came in then. */
  looked(at: number, packetAt: number): void {
    this.#packetIn(at, packetAt);
  }

  /** Whether anything passed since `take`, where the kernel says that the last packet came in then: a silence was survived. */
  hasNews(packetAt: number): boolean {
    return this.#payloadMs > 0 || this.#survivedMs > 0 || this.#survivedAtMostMs > 0 || this.#isNew(packetAt);
  }

  /** What there was since this was called the last time. */
  take(at: number): Silences {
    const now = Math.round(at);
    const silences = {
      ageMs: now - this.#establishedAt,
      payloadMs: Math.max(this.#payloadMs, now - this.#payloadAt),
      packetsAtMostMs: Math.max(this.#survivedAtMostMs, this.#askedAfterMs, now - this.#packetAt),
      survivedMs: this.#survivedMs,
      survivedAtMostMs: this.#survivedAtMostMs,
    };
    this.#payloadMs = 0;
    this.#survivedMs = 0;
    this.#survivedAtMostMs = 0;
    return silences;
  }

  /** Later than the one that is known by more than a tick of the kernel. */
  #isNew(packetAt: number): boolean {
    return Math.round(packetAt) > this.#packetAt + KERNEL_TICK_MS;
  }

  #payload(at: number): void {
    const now = Math.round(at);
    this.#payloadMs = Math.max(this.#payloadMs, now - this.#payloadAt);
    this.#payloadAt = now;
  }

  #packetIn(at: number, packetAt: number): void {
    const [now, came] = [Math.round(at), Math.round(packetAt)];
    if (this.#isNew(packetAt)) {
      // Nothing had come until the look before.
      this.#survive(this.#lookedAt - this.#packetAt, came - this.#packetAt);
      this.#survive(this.#askedAfterMs, this.#askedAfterMs);
      this.#askedAfterMs = 0;
      this.#packetAt = came;
    }
    this.#lookedAt = now;
  }

  #survive(leastMs: number, mostMs: number): void {
    this.#survivedMs = Math.max(this.#survivedMs, leastMs);
    this.#survivedAtMostMs = Math.max(this.#survivedAtMostMs, mostMs);
  }
}
