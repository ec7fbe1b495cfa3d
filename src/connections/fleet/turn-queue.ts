/** Served entries are cut off in pieces of this size: seldom enough to cost nothing, soon enough to hold little. */
const CUT_AT = 1024;

/** Null: granted or cancelled. */
export type Turn = { grant: (() => void) | null };

/** Turns in the order they were asked for. A queue that never empties does not grow with what it served. */
export class TurnQueue {
  #turns: Turn[] = [];
  #head = 0;

  push(turn: Turn): void {
    this.#turns.push(turn);
  }

  /** The next one that is still wanted; null: none is. */
  shift(): Turn | null {
    while (this.#head < this.#turns.length) {
      const turn = this.#turns[this.#head++];
      this.#cutServed();
      if (turn !== undefined && turn.grant !== null) return turn;
    }
    return null;
  }

  clear(): void {
    this.#turns = [];
    this.#head = 0;
  }

  #cutServed(): void {
    if (this.#head < CUT_AT || this.#head * 2 < this.#turns.length) return;
    this.#turns = this.#turns.slice(this.#head);
    this.#head = 0;
  }
}
