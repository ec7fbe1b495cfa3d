/** A slot has 5 minutes, and twelve are an hour. */
const SLOT_MS = 300_000;
const SLOTS = 12;

/** Counts of things of a few kinds over the last hour, in slots of 5 minutes. Wall-clock milliseconds. */
export class EndSlots<Kind extends string> {
  readonly #kinds: readonly Kind[];
  readonly #counts: Uint32Array;
  #newest: number;

  constructor(kinds: readonly Kind[], now: number) {
    this.#kinds = kinds;
    this.#counts = new Uint32Array(SLOTS * kinds.length);
    this.#newest = slotOf(now);
  }

  /** When the oldest slot begins that is counted at that time. */
  static since(now: number): number {
    return (slotOf(now) - SLOTS + 1) * SLOT_MS;
  }

  add(kind: Kind, at: number): void {
    this.#moveTo(slotOf(at));
    const place = this.#placeOf(kind, this.#newest);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** How many of a kind came since `EndSlots.since(now)`. */
  sum(kind: Kind, now: number): number {
    this.#moveTo(slotOf(now));
    let sum = 0;
    for (let slot = 0; slot < SLOTS; slot++) sum += this.#counts[this.#placeOf(kind, slot)] ?? 0;
    return sum;
  }

  /** A clock that was set back counts on in the newest slot. */
  #moveTo(slot: number): void {
    const passed = Math.min(SLOTS, slot - this.#newest);
    for (let i = 1; i <= passed; i++)
      for (const kind of this.#kinds) this.#counts[this.#placeOf(kind, slot - passed + i)] = 0;
    this.#newest = Math.max(this.#newest, slot);
  }

  #placeOf(kind: Kind, slot: number): number {
    return (slot % SLOTS) * this.#kinds.length + this.#kinds.indexOf(kind);
  }
}

function slotOf(at: number): number {
  return Math.floor(at / SLOT_MS);
}
