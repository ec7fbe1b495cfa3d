const LOOK_MS = 50;
/** Shorter ones make no peer silent for long enough to matter. */
const WORTH_MS = 300;

/** When this process itself was held up: its peers were silent then, whatever the record says. */
export class LoopStalls {
  readonly #stalls: { readonly from: number; readonly to: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #longestMs = 0;

  constructor() {
    let before = Date.now();
    this.#timer = setInterval(() => {
      const now = Date.now();
      const lateMs = now - before - LOOK_MS;
      this.#longestMs = Math.max(this.#longestMs, lateMs);
      if (lateMs >= WORTH_MS) this.#stalls.push({ from: before, to: now });
      before = now;
    }, LOOK_MS);
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  /** Whether there was one between these moments. */
  between(from: number, to: number): boolean {
    return this.#stalls.some((stall) => stall.to >= from && stall.from <= to);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
