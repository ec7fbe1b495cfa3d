import { Worker } from 'node:worker_threads';

export type BcryptThread = {
  /** Null: the queue is full, or the thread ended before its turn. */
  compare(password: string, hash: string): Promise<boolean | null>;
  /** Ends the thread, if one runs. */
  stop(): Promise<void>;
};

/** Each waits behind the ones before it, at 60 ms or more; a scraper would give up behind a longer queue. */
const LONGEST_QUEUE = 16;

/**
 * bcrypt is meant to be slow, and a slow event loop blames peers: it runs in a thread of its own, one comparison after the
 * other. The thread lives while there is something to compare.
 */
export function createBcryptThread(): BcryptThread {
  let worker: Worker | null = null;
  const waiting: ((equal: boolean | null) => void)[] = [];
  const end = async (): Promise<void> => {
    const ending = worker;
    worker = null;
    for (const answer of waiting.splice(0)) answer(null);
    await ending?.terminate();
  };
  const begin = (): Worker => {
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const started = new Worker(new URL(import.meta.url.replace(/bcrypt-thread(\.[jt]s)/, 'bcrypt-worker$1')));
    started.unref();
    started.on('message', (equal: boolean) => {
      waiting.shift()?.(equal);
      if (waiting.length === 0) void end();
    });
    started.on('error', () => void end());
    return started;
  };
  return {
    compare(password, hash) {
      if (waiting.length >= LONGEST_QUEUE) return Promise.resolve(null);
      worker ??= begin();
      const { promise, resolve } = Promise.withResolvers<boolean | null>();
      waiting.push(resolve);
      worker.postMessage({ password, hash });
      return promise;
    },
    stop: end,
  };
}
