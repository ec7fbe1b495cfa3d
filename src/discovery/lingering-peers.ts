import type { Clock, Timer } from '../clock/clock.ts';
import type { LeftPeer } from './peer-plan.ts';

/** A peer that vanished from its source, and until when its connection may go on. */
export type LingeringPeer = LeftPeer & {
  /** Wall-clock ms. */
  readonly until: number;
};

/** The peers of one group whose targets vanished and that may linger still. */
export class LingeringPeers {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  readonly #peers = new Map<string, { readonly peer: LingeringPeer; readonly timer: Timer }>();

  /** @param onOver called when the time of one is over */
  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  get size(): number {
    return this.#peers.size;
  }

  list(): readonly LingeringPeer[] {
    return Array.from(this.#peers.values(), ({ peer }) => peer);
  }

  /** Null: there is none with this name. */
  get(peer: string): LingeringPeer | null {
    return this.#peers.get(peer)?.peer ?? null;
  }

  add(gone: LeftPeer): void {
    const { settings, lingerMs } = gone.peer;
    const { peer } = settings;
    this.remove(peer);
    const timer = this.#clock.after(lingerMs, () => {
      this.#peers.delete(peer);
      this.#onOver();
    });
    this.#peers.set(peer, { peer: { ...gone, until: this.#clock.now() + lingerMs }, timer });
  }

  /** It is back, or gone for good. */
  remove(peer: string): void {
    this.#peers.get(peer)?.timer.cancel();
    this.#peers.delete(peer);
  }

  clear(): void {
    for (const peer of Array.from(this.#peers.keys())) this.remove(peer);
  }
}
