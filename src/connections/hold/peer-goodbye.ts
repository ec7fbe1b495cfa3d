import type { Clock, Timer } from '../../clock/clock.ts';
import type { SaidGoodbye } from '../../domain/goodbye.ts';
import type { Step } from '../../protocols/session.ts';
import { afterReading } from '../link/after-reading.ts';

/** How long a peer that said goodbye may take to close: no server that was tried took longer than 0.1 s. */
const GRACE_MS = 5000;

export type PeerGoodbyeOptions = {
  readonly clock: Clock;
  readonly receivedBytes: () => number;
  /** The peer left the closing to us. */
  readonly leave: () => void;
};

/** What the peer of one connection said of why it leaves. The first word counts. */
export class PeerGoodbye {
  readonly #options: PeerGoodbyeOptions;
  readonly said: SaidGoodbye;
  #grace: Timer | null = null;

  /** Unless the peer goes on to serve, it has 5 s to close. */
  constructor({ goodbye, code, then }: Step & { kind: 'goodbye' }, options: PeerGoodbyeOptions) {
    this.#options = options;
    this.said = code === undefined ? { goodbye } : { goodbye, goodbyeCode: code };
    if (then !== 'goesOn') this.#grace = options.clock.after(GRACE_MS, () => this.#recheck());
  }

  /** Nothing is waited for any more. */
  cancel(): void {
    this.#grace?.cancel();
  }

  /** Its FIN may lie in the kernel while our loop was held up: read first. */
  #recheck(): void {
    const { clock, receivedBytes, leave } = this.#options;
    this.#grace = afterReading(clock, receivedBytes, leave);
  }
}
