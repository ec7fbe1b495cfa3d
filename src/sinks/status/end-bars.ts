import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';

/** More bars are no picture; between half of them and all are in use. */
const MOST = 48;
/** Nobody sees less. */
const SHORTEST_MS = 20;

/** How many ends of a class there were in each step of time. */
export type EndBarsReading = {
  /** Wall-clock milliseconds. */
  readonly from: number;
  readonly stepMs: number;
  /** As many as are in use; the last one is not empty. */
  readonly bars: readonly Readonly<Record<DisconnectClass, number>>[];
};

/** Counts ends in time, as many as there may be, in at most 48 steps: where they do not suffice, each gets twice as long. */
export class EndBars {
  #from = 0;
  #stepMs = SHORTEST_MS;
  #bars: Record<DisconnectClass, number>[] = [];

  /** In any order. @param at wall-clock milliseconds */
  add(at: number, endClass: DisconnectClass): void {
    if (this.#bars.length === 0) this.#from = at;
    while (!this.#fits(at)) this.#coarsen();
    const index = Math.floor((at - this.#from) / this.#stepMs);
    if (index < 0) {
      this.#from += index * this.#stepMs;
      this.#bars.unshift(...Array.from({ length: -index }, emptyBar));
    }
    const bar = Math.max(0, index);
    while (this.#bars.length <= bar) this.#bars.push(emptyBar());
    const counts = this.#bars[bar];
    if (counts !== undefined) counts[endClass] += 1;
  }

  read(): EndBarsReading {
    return { from: this.#from, stepMs: this.#stepMs, bars: this.#bars.map((bar) => ({ ...bar })) };
  }

  #fits(at: number): boolean {
    const first = Math.min(0, Math.floor((at - this.#from) / this.#stepMs));
    const last = Math.max(this.#bars.length - 1, Math.floor((at - this.#from) / this.#stepMs));
    return last - first < MOST;
  }

  #coarsen(): void {
    this.#stepMs *= 2;
    const halves = this.#bars;
    this.#bars = Array.from({ length: Math.ceil(halves.length / 2) }, (_, index) =>
      sumOf(halves[2 * index] ?? emptyBar(), halves[2 * index + 1] ?? emptyBar()),
    );
  }
}

function emptyBar(): Record<DisconnectClass, number> {
  return { eof: 0, error: 0, idle_timeout: 0 };
}

function sumOf(
  one: Readonly<Record<DisconnectClass, number>>,
  other: Readonly<Record<DisconnectClass, number>>,
): Record<DisconnectClass, number> {
  const sum = emptyBar();
  for (const name of DISCONNECT_CLASSES) sum[name] = one[name] + other[name];
  return sum;
}
