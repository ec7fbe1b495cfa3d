/** How long the kernel's lines about one end can lie apart. Nanoseconds. */
export const PATIENCE_NS = 100e6;

/** What was said about a socket or a flow, kept as long as it can belong to an end. */
export class RecentNotes<Key, Note extends { readonly timeNs: number }> {
  readonly #notes = new Map<Key, Note>();

  note(key: Key, note: Note): void {
    // Last in the order: `forget` looks at the oldest first.
    this.#notes.delete(key);
    this.#notes.set(key, note);
  }

  /** What was said no longer than 100 ms before; it is taken. */
  take(key: Key, timeNs: number): Note | null {
    const found = this.#notes.get(key);
    this.#notes.delete(key);
    return found !== undefined && timeNs - found.timeNs <= PATIENCE_NS ? found : null;
  }

  forget(beforeNs: number): void {
    for (const [key, { timeNs }] of this.#notes) {
      if (timeNs >= beforeNs) return;
      this.#notes.delete(key);
    }
  }
}
