import type { SoakPeer } from './soak-groups.ts';

/** What a reload of the run did, and when (wall-clock ms). It may have closed connections of the peers that it touched. */
export type Reload = {
  readonly name: string;
  readonly requestedAt: number;
  /** Infinity: not answered yet. */
  doneAt: number;
  readonly closes: 'reconfigured' | 'removed' | null;
  readonly touches: (peer: SoakPeer) => boolean;
};

/** Event times are cut off to the millisecond. */
const CLOCKS_MS = 2;
/** Where a reload and a fault are at most this far apart, either may come first. */
const NEAR_MS = 1000;

/** All reloads of a run. */
export class Reloads {
  readonly #all: Reload[] = [];

  add(reload: Reload): void {
    this.#all.push(reload);
  }

  get count(): number {
    return this.#all.length;
  }

  /** Whether a reload closed this peer's connection at that moment, for this reason. */
  closed(peer: SoakPeer, reason: string, at: number): boolean {
    return this.#some(at, CLOCKS_MS, ({ closes, touches }) => closes === reason && touches(peer));
  }

  /** Whether a reload closed what this peer had at about that moment. */
  isNear(peer: SoakPeer, at: number): boolean {
    return this.#some(at, NEAR_MS, ({ closes, touches }) => closes !== null && touches(peer));
  }

  #some(at: number, withinMs: number, fits: (reload: Reload) => boolean): boolean {
    for (let n = this.#all.length - 1; n >= 0; n--) {
      const reload = this.#all[n];
      // They run one after the other: those before it were over even earlier.
      if (reload === undefined || reload.doneAt + withinMs < at) return false;
      if (at >= reload.requestedAt - withinMs && fits(reload)) return true;
    }
    return false;
  }
}
