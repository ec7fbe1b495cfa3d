/** How far apart two looks must be that see the same. */
export const SETTLE_MS = 500;

/**
 * Which content of a file counts. An editor that writes a file in place leaves it cut short for a moment, and a cut file
 * may be a valid one that says less: content must be the same in two looks in a row before it counts.
 */
export class SettledDigest {
  #counted: string | null;
  #candidate: string | null = null;

  /** @param counted the digest of what counts already; null: nothing does */
  constructor(counted: string | null) {
    this.#counted = counted;
  }

  /** Whether another look after `SETTLE_MS` decides. */
  get isUndecided(): boolean {
    return this.#candidate !== null;
  }

  /** `counts`: this is new, and was seen twice. `known`: it counts already. `undecided`: it is new. */
  look(digest: string): 'known' | 'undecided' | 'counts' {
    if (digest === this.#counted) {
      this.#candidate = null;
      return 'known';
    }
    if (digest !== this.#candidate) {
      this.#candidate = digest;
      return 'undecided';
    }
    this.setCounted(digest);
    return 'counts';
  }

  /** Content that counts for another reason. */
  setCounted(digest: string | null): void {
    this.#counted = digest;
    this.#candidate = null;
  }

  /** Nothing could be seen: what comes next must be seen twice again. */
  forgetCandidate(): void {
    this.#candidate = null;
  }
}
