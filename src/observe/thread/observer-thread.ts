import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock/clock.ts';
import type { RemoteChange } from '../remote-key.ts';
import type { ObserverAnswer, ObserverRequest } from './observer-messages.ts';

export type ObserverThreadOptions = {
  readonly clock: Clock;
  readonly opened: () => void;
  /** The answer to `askWhenWatching`. */
  readonly watching: () => void;
  /** It does not work, or no more. Called once. */
  readonly failed: (problem: string) => void;
  readonly took: (answer: Extract<ObserverAnswer, { answer: 'steps' }>) => void;
};

/** The thread that reads the trace ring. Each of its messages is taken in a turn of the event loop of its own. */
export class ObserverThread {
  readonly #options: ObserverThreadOptions;
  #worker: Worker | null;

  constructor(options: ObserverThreadOptions, open: Extract<ObserverRequest, { ask: 'open' }>) {
    this.#options = options;
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const worker = new Worker(new URL(import.meta.url.replace(/observer-thread(\.[jt]s)/, 'observer-worker$1')));
    this.#worker = worker;
    worker.on('message', (answer: ObserverAnswer) => this.#answered(answer));
    worker.on('error', (error: Error) => this.#failed(`the thread that reads the trace failed: ${error.message}`));
    worker.on('exit', () => this.#failed('the thread that reads the trace ended'));
    this.#ask(open);
  }

  change(changes: readonly RemoteChange[]): void {
    this.#ask({ ask: 'change', changes });
  }

  /** It answers once connections to all addresses so far are traced, and those from before were handed on. */
  askWhenWatching(): void {
    this.#ask({ ask: 'watching' });
  }

  /** Removes the ring. Resolves when the thread has ended, or after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return Promise.resolve();
    this.#ask({ ask: 'close' });
    this.#worker = null;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(deadlineMs, () => void worker.terminate());
    worker.once('exit', () => {
      timer.cancel();
      resolve();
    });
    return promise;
  }

  #answered(answer: ObserverAnswer): void {
    if (this.#worker === null) return;
    switch (answer.answer) {
      case 'opened':
        return this.#options.opened();
      case 'watching':
        return this.#options.watching();
      case 'failed':
        void this.#worker.terminate();
        return this.#failed(answer.problem);
      case 'steps':
        this.#options.took(answer);
        this.#options.clock.afterPoll(() => this.#ask({ ask: 'more' }));
    }
  }

  #failed(problem: string): void {
    if (this.#worker === null) return;
    this.#worker = null;
    this.#options.failed(problem);
  }

  #ask(request: ObserverRequest): void {
    this.#worker?.postMessage(request);
  }
}
