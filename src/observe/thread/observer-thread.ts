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
  readonly took: (answer: Steps) => void;
};

type Steps = Extract<ObserverAnswer, { answer: 'steps' }>;
type Opening = Extract<ObserverRequest, { ask: 'open' }>;

/** It takes the event loop about a millisecond to publish them. */
const STEPS_A_TURN = 100;

/**
 * The thread that reads the trace ring. Its answers are taken in their order, and many steps in several turns of the event
 * loop. That they were taken stands in memory that both share: a message would wake it up each time.
 */
export class ObserverThread {
  readonly #options: ObserverThreadOptions;
  readonly #isPending = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #answers: ObserverAnswer[] = [];
  /** Steps of the first answer. */
  #taken = 0;
  #worker: Worker | null;

  constructor(options: ObserverThreadOptions, open: Omit<Opening, 'ask' | 'isPending'>) {
    this.#options = options;
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const worker = new Worker(new URL(import.meta.url.replace(/observer-thread(\.[jt]s)/, 'observer-worker$1')));
    this.#worker = worker;
    worker.on('message', (answer: ObserverAnswer) => this.#answered(answer));
    worker.on('error', (error: Error) => this.#failed(`the thread that reads the trace failed: ${error.message}`));
    worker.on('exit', () => this.#failed('the thread that reads the trace ended'));
    this.#ask({ ask: 'open', ...open, isPending: this.#isPending });
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
    this.#answers.push(answer);
    if (this.#answers.length === 1) this.#takeNext();
  }

  #takeNext(): void {
    const [answer] = this.#answers;
    if (answer === undefined || this.#worker === null) return;
    switch (answer.answer) {
      case 'opened':
        this.#options.opened();
        break;
      case 'watching':
        this.#options.watching();
        break;
      case 'failed':
        void this.#worker.terminate();
        return this.#failed(answer.problem);
      case 'steps':
        if (!this.#takeSteps(answer)) return void this.#options.clock.afterPoll(() => this.#takeNext());
    }
    this.#answers.shift();
    this.#takeNext();
  }

  /** False: there are more. */
  #takeSteps(answer: Steps): boolean {
    const from = this.#taken;
    this.#taken += STEPS_A_TURN;
    this.#options.took({ ...answer, steps: answer.steps.slice(from, this.#taken) });
    if (this.#taken < answer.steps.length) return false;
    this.#taken = 0;
    Atomics.store(this.#isPending, 0, 0);
    return true;
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
