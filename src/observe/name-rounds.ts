import type { Clock, Timer } from '../clock/clock.ts';

/** Looks a name up; null: there was no answer. */
export type ResolveName = (host: string) => Promise<readonly string[] | null>;

export type NameRoundsOptions = {
  readonly clock: Pick<Clock, 'after'>;
  readonly resolve: ResolveName;
  readonly names: () => ReadonlySet<string>;
  readonly answered: (host: string, addresses: readonly string[]) => void;
};

/** Names are looked up anew this often, held or not. */
const EVERY_MS = 30_000;
/** Peers that come together are looked up together. */
const FIRST_MS = 50;

/** Looks all names up, every 30 s and soon after some came; a round begins when the one before is over. */
export class NameRounds {
  readonly #options: NameRoundsOptions;
  #timer: Timer | null = null;
  #isRunning = false;
  #isWoken = false;
  #isStopped = false;

  constructor(options: NameRoundsOptions) {
    this.#options = options;
  }

  /** There are new names. */
  wake(): void {
    if (this.#isWoken || this.#isStopped) return;
    this.#isWoken = true;
    if (!this.#isRunning) this.#wait(FIRST_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #wait(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    this.#isRunning = true;
    this.#isWoken = false;
    await Promise.all(Array.from(this.#options.names(), (host) => this.#lookUp(host)));
    this.#isRunning = false;
    if (!this.#isStopped) this.#wait(this.#isWoken ? FIRST_MS : EVERY_MS);
  }

  async #lookUp(host: string): Promise<void> {
    const addresses = await this.#options.resolve(host);
    if (addresses !== null && !this.#isStopped) this.#options.answered(host, addresses);
  }
}
