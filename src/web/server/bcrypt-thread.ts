import { Worker } from 'node:worker_threads';
import { FairQueue } from './fair-queue.ts';

/** One question to bcrypt. */
export type Comparison = {
  readonly password: string;
  readonly hash: string;
  /** Where the password is wrong, it is compared with these too, for the time that it takes. */
  readonly padding: readonly string[];
};

export type BcryptThread = {
  /** Null: too many wait already, or the thread ended before its turn. Sources take turns (`FairQueue`). */
  compare(comparison: Comparison, source: string): Promise<boolean | null>;
  /** Ends the thread, if one runs. */
  stop(): Promise<void>;
};

/** Each waits behind the ones before it, at 60 ms or more; a scraper would give up behind a longer queue. */
const LONGEST_QUEUE = 16;

type Job = { readonly comparison: Comparison; readonly answer: (equal: boolean | null) => void };

/**
 * bcrypt is meant to be slow, and a slow event loop blames peers: it runs in a thread of its own, one comparison after the
 * other. The thread lives while there is something to compare.
 */
export function createBcryptThread(): BcryptThread {
  return new QueueingThread();
}

class QueueingThread implements BcryptThread {
  readonly #waiting = new FairQueue<Job>(LONGEST_QUEUE);
  #worker: Worker | null = null;
  #running: Job | null = null;

  compare(comparison: Comparison, source: string): Promise<boolean | null> {
    const { promise, resolve } = Promise.withResolvers<boolean | null>();
    this.#waiting.push(source, { comparison, answer: resolve })?.answer(null);
    if (this.#running === null) this.#next();
    return promise;
  }

  async stop(): Promise<void> {
    const ending = this.#worker;
    this.#worker = null;
    this.#running?.answer(null);
    this.#running = null;
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) job.answer(null);
    await ending?.terminate();
  }

  #next(): void {
    this.#running = this.#waiting.shift() ?? null;
    if (this.#running === null) void this.stop();
    else (this.#worker ??= this.#begin()).postMessage(this.#running.comparison);
  }

  #begin(): Worker {
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const started = new Worker(new URL(import.meta.url.replace(/bcrypt-thread(\.[jt]s)/, 'bcrypt-worker$1')));
    started.unref();
    started.on('message', (equal: boolean) => {
      if (this.#worker !== started) return; // stopped meanwhile; what runs now was asked of another
      this.#running?.answer(equal);
      this.#next();
    });
    started.on('error', () => void (this.#worker === started && this.stop()));
    return started;
  }
}
