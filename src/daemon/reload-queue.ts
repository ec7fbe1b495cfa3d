import type { ReloadResult } from '../settings/reload-result.ts';

/** Runs one reload at a time. Those asked for meanwhile wait, and share one further load: it sees what all of them want. */
export class ReloadQueue {
  readonly #reload: () => Promise<ReloadResult>;
  #running: Promise<ReloadResult> | null = null;
  #next: Promise<ReloadResult> | null = null;

  constructor(reload: () => Promise<ReloadResult>) {
    this.#reload = reload;
  }

  /** Resolves with the result of a load that began no earlier than this call. Rejects where that load has a bug. */
  request(): Promise<ReloadResult> {
    if (this.#running === null) return this.#run();
    // Whether the running one has a bug is for those who asked for that one.
    this.#next ??= this.#running.then(
      () => this.#runNext(),
      () => this.#runNext(),
    );
    return this.#next;
  }

  #runNext(): Promise<ReloadResult> {
    this.#next = null;
    return this.#run();
  }

  #run(): Promise<ReloadResult> {
    const running = this.#reload().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }
}
