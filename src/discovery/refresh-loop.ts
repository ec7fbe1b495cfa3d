import type { Clock, Timer } from '../clock/clock.ts';
import type { SourceUpdate } from './peer-source.ts';

/** What one reading of a source came to. */
export type Refreshed =
  | { readonly kind: 'refreshed' }
  | { readonly kind: 'failed'; readonly why: string; readonly place: string | null };

type RefreshLoopOptions = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly intervalMs: number;
  /** Reads the source once and publishes what it has. */
  readonly refresh: () => Promise<Refreshed>;
};

/** Reads a source that has to be asked again and again, once in each interval and never twice at a time. */
export class RefreshLoop {
  readonly #options: RefreshLoopOptions;
  #publish: (update: SourceUpdate) => void = () => {};
  #timer: Timer | null = null;
  #isStopped = false;
  #isSynced = false;

  constructor(options: RefreshLoopOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#publish = publish;
    void this.#refresh();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Nothing is published once the loop is stopped. */
  publish(update: SourceUpdate): void {
    if (!this.#isStopped) this.#publish(update);
  }

  async #refresh(): Promise<void> {
    const { clock, random, intervalMs, refresh } = this.#options;
    const startedAt = clock.monotonic();
    const outcome = await refresh();
    if (this.#isStopped) return;
    const tookMs = clock.monotonic() - startedAt;
    this.publish({ ...outcome, tookMs });
    if (outcome.kind === 'refreshed' && !this.#isSynced) {
      this.#isSynced = true;
      this.publish({ kind: 'synced' });
    }
    // Shards and replicas that started together must not ask together for ever.
    const untilNext = intervalMs * (0.9 + 0.2 * random()) - tookMs;
    this.#timer = clock.after(Math.max(0, untilNext), () => void this.#refresh());
  }
}
