import type { Clock, Timer } from '../clock/clock.ts';

/** Looks a name up; null: there was no answer. */
export type ResolveName = (host: string) => Promise<readonly string[] | null>;

export type NameRoundsOptions = {
  readonly clock: Pick<Clock, 'after'>;
  readonly resolve: ResolveName;
  readonly names: () => ReadonlySet<string>;
  readonly answered: (host: string, addresses: readonly string[]) => void;
  /** All names that were there were looked up. */
  readonly roundEnded: () => void;
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
  #isLookingUpNew = false;
  #isStopped = false;

  constructor(options: NameRoundsOptions) {
    this.#options = options;
  }

  /** Whether there is a name that has not been looked up yet. */
  get hasNew(): boolean {
    return this.#isWoken || this.#isLookingUpNew;
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
    this.#isLookingUpNew = this.#isWoken;
    this.#isWoken = false;
    await Promise.all(Array.from(this.#options.names(), (host) => this.#lookUp(host)));
    this.#isRunning = false;
    this.#isLookingUpNew = false;
    if (this.#isStopped) return;
    this.#wait(this.#isWoken ? FIRST_MS : EVERY_MS);
    this.#options.roundEnded();
  }

  async #lookUp(host: string): Promise<void> {
    const addresses = await this.#options.resolve(host);
    if (addresses !== null && !this.#isStopped) this.#options.answered(host, addresses);
  }
}
