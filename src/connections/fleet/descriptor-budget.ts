import { descriptorRoom } from '../../settings/descriptor-room.ts';

/** How many sockets to peers may be open at a time. */
export class DescriptorBudget {
  readonly #openFileLimit: number | null;
  readonly #onExhausted: (limit: number) => void;
  #limit: number;
  #taken = 0;
  #exhausted = false;
  /** How to release sockets that only drain, oldest first. */
  readonly #draining = new Set<() => void>();

  /** @param onExhausted told once each time the budget runs out */
  constructor(openFileLimit: number | null, maxConnections: number, onExhausted: (limit: number) => void) {
    this.#openFileLimit = openFileLimit;
    this.#onExhausted = onExhausted;
    this.#limit = this.#limitFor(maxConnections);
  }

  /** @param maxConnections 0 = what the descriptor limit allows */
  setMaxConnections(maxConnections: number): void {
    const before = this.#limit;
    this.#limit = this.#limitFor(maxConnections);
    if (this.#limit !== before) this.#exhausted = false;
  }

  get limit(): number {
    return this.#limit;
  }

  /**
   * False: the budget is spent. True: one more socket may be opened, and must be given back. Where only a socket that drains
   * is in the way, that one is released.
   */
  take(): boolean {
    if (this.takeSpare()) return true;
    for (const release of this.#draining) {
      this.#draining.delete(release);
      this.#taken++; // the other one is given back when its end is reported
      release();
      return true;
    }
    if (!this.#exhausted) this.#onExhausted(this.#limit);
    this.#exhausted = true;
    return false;
  }

  /** The same for a socket that can be done without: being refused is no trouble to report. */
  takeSpare(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken++;
    return true;
  }

  /** A socket that drains beside a peer that goes on may be released for an attempt. Returns how to withdraw that. */
  offer(release: () => void): () => void {
    this.#draining.add(release);
    return () => void this.#draining.delete(release);
  }

  giveBack(): void {
    this.#taken--;
    // A tenth of slack before the next warning: at the brink, each end and reconnect would cross the line again.
    if (this.#taken < this.#limit * 0.9) this.#exhausted = false;
  }

  #limitFor(maxConnections: number): number {
    const allowed = this.#openFileLimit === null ? Infinity : descriptorRoom(this.#openFileLimit);
    return maxConnections === 0 ? allowed : Math.min(maxConnections, allowed);
  }
}
