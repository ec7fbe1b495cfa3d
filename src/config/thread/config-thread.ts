import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock/clock.ts';
import type { ConfigResult } from '../config.ts';
import type { ConfigLoader } from '../config-loader.ts';
import type { LoadOptions } from '../load-config.ts';
import type { ConfigSnapshot, NamesByKey } from '../snapshot/config-snapshot.ts';
import { PartsOfConfig } from './config-parts.ts';
import type { ConfigAnswer, ConfigRequest } from './config-worker.ts';

/** A question that runs: `take` gets the answers until it says that there are no more. */
type Running = {
  readonly take: (answer: ConfigAnswer) => boolean;
  readonly fail: (why: string) => void;
};

/**
 * Checks configurations in a thread of its own: what grows with the number of targets must not hold the event loop. The
 * result comes in pieces, each asked for in a turn of its own: what a port has waiting is read in one turn. One question
 * is answered after the other; the thread ends after a load and gives back what it needed.
 */
export class ConfigThread implements ConfigLoader {
  readonly #clock: Pick<Clock, 'afterPoll'>;
  #worker: Worker | null = null;
  #running: Running | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(clock: Pick<Clock, 'afterPoll'>) {
    this.#clock = clock;
  }

  readonly findNames = (text: string, file: string): Promise<NamesByKey | null> =>
    this.#inTurn(() => {
      const { promise, resolve } = Promise.withResolvers<NamesByKey | null>();
      this.#ask(
        { ask: 'names', text, file },
        {
          take(answer) {
            if (answer.answer === 'names') resolve(answer.names);
            return true;
          },
          fail: () => resolve(null),
        },
      );
      return promise;
    });

  readonly load = (snapshot: ConfigSnapshot, options: LoadOptions): Promise<ConfigResult> =>
    this.#inTurn(async () => {
      const result = await this.#loadNow(snapshot, options);
      await this.#endThread();
      return result;
    });

  readonly stop = async (): Promise<void> => {
    this.#isStopped = true;
    this.#running?.fail('Finrst stops');
    this.#running = null;
    await this.#endThread();
  };

  #loadNow(snapshot: ConfigSnapshot, options: LoadOptions): Promise<ConfigResult> {
    const { promise, resolve } = Promise.withResolvers<ConfigResult>();
    const parts = new PartsOfConfig();
    this.#ask(
      { ask: 'load', snapshot, options },
      {
        take(answer) {
          if (answer.answer !== 'parts') return true;
          for (const part of answer.parts) parts.add(part);
          if (answer.isLast) resolve(parts.result);
          return answer.isLast;
        },
        fail: (why) =>
          resolve({ kind: 'invalid', problems: [{ file: snapshot.file, message: `was not checked: ${why}` }] }),
      },
    );
    return promise;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result;
    return result;
  }

  #ask(request: ConfigRequest, running: Running): void {
    if (this.#isStopped) return running.fail('Finrst stops');
    this.#running = running;
    this.#worker ??= this.#begin();
    this.#worker.postMessage(request);
  }

  #begin(): Worker {
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const worker = new Worker(new URL(import.meta.url.replace(/config-thread(\.[jt]s)/, 'config-worker$1')));
    worker.on('message', (answer: ConfigAnswer) => this.#answered(worker, answer));
    worker.on('error', (error: Error) => this.#failed(worker, `the thread that does it failed: ${error.message}`));
    worker.on('exit', () => this.#failed(worker, 'the thread that does it ended'));
    return worker;
  }

  #answered(worker: Worker, answer: ConfigAnswer): void {
    const running = this.#running;
    if (running === null || worker !== this.#worker) return;
    if (running.take(answer)) this.#running = null;
    else this.#clock.afterPoll(() => worker.postMessage({ ask: 'more' } satisfies ConfigRequest));
  }

  #failed(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#running?.fail(why);
    this.#running = null;
  }

  async #endThread(): Promise<void> {
    const ending = this.#worker;
    this.#worker = null;
    await ending?.terminate();
  }
}
