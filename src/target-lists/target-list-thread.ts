import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock/clock.ts';
import { readJson } from './json-reader.ts';
import { readTargetList } from './read-target-list.ts';
import { PartsOfTargetList } from './target-list-parts.ts';
import type { TargetListAnswer, TargetListRequest } from './target-list-worker.ts';
import type { TargetListResult, TargetListText } from './target-list.ts';

/** So much JSON is read in about a millisecond; YAML takes a hundred times as long. */
const MOST_JSON_AT_ONCE = 16 * 1024;
/** 32 MiB of YAML take 10 s. */
const DEADLINE_MS = 60_000;
/** 32 MiB of YAML grow to some hundreds of MiB of nodes: a text that needs more is refused, and the process goes on. */
const MEMORY_MIB = 1024;

type Running = {
  readonly file: string;
  readonly parts: PartsOfTargetList;
  readonly resolve: (result: TargetListResult) => void;
};

/**
 * Reads target lists: short ones of JSON at once, all others in a thread of its own, one after the other, since what grows
 * with the number of targets must not hold the event loop. The thread ends when nothing waits. One for the whole process.
 */
export class TargetListThread {
  readonly #clock: Pick<Clock, 'after' | 'afterPoll'>;
  #worker: Worker | null = null;
  #running: Running | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isStopped = false;

  constructor(clock: Pick<Clock, 'after' | 'afterPoll'>) {
    this.#clock = clock;
  }

  /** Never rejects: where reading itself fails, that is the one problem. */
  readonly read = (text: TargetListText): Promise<TargetListResult> => {
    if (text.syntax === 'json' && text.bytes.length <= MOST_JSON_AT_ONCE)
      return Promise.resolve(readTargetList(text, readJson));
    this.#waiting += 1;
    const result = this.#last.then(() => this.#readNow(text));
    this.#last = result;
    return result;
  };

  /** Ends what runs; nobody gets an answer of it that is of use. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#endThread('Finrst stops');
  }

  async #readNow(text: TargetListText): Promise<TargetListResult> {
    const { promise, resolve } = Promise.withResolvers<TargetListResult>();
    this.#running = { file: text.file, parts: new PartsOfTargetList(), resolve };
    const timer = this.#clock.after(DEADLINE_MS, () => void this.#endThread('it takes longer than a minute'));
    if (this.#isStopped) void this.#endThread('Finrst stops');
    else this.#ask({ ask: 'read', text });
    const result = await promise;
    timer.cancel();
    this.#waiting -= 1;
    if (this.#waiting === 0) await this.#endThread('');
    return result;
  }

  #ask(request: TargetListRequest): void {
    this.#worker ??= this.#begin();
    this.#worker.postMessage(request, request.ask === 'read' ? ownMemory(request.text.bytes) : []);
  }

  #begin(): Worker {
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const file = new URL(import.meta.url.replace(/target-list-thread(\.[jt]s)/, 'target-list-worker$1'));
    const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB } });
    worker.on('message', (answer: TargetListAnswer) => this.#answered(worker, answer));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const why = isFull ? `it needs more than ${MEMORY_MIB} MiB` : `the thread that does it failed: ${error.message}`;
      this.#failed(worker, why);
    });
    worker.on('exit', () => this.#failed(worker, 'the thread that does it ended'));
    return worker;
  }

  #answered(worker: Worker, { parts, isLast }: TargetListAnswer): void {
    const running = this.#running;
    if (running === null || worker !== this.#worker) return;
    for (const part of parts) running.parts.add(part);
    if (!isLast) {
      this.#clock.afterPoll(() => worker.postMessage({ ask: 'more' } satisfies TargetListRequest));
      return;
    }
    this.#running = null;
    running.resolve(running.parts.result);
  }

  #failed(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#giveUp(why);
  }

  #giveUp(why: string): void {
    const running = this.#running;
    this.#running = null;
    const problem = { file: running?.file ?? '', message: `was not read: ${why}` };
    running?.resolve({ kind: 'wrong', problems: [problem] });
  }

  async #endThread(why: string): Promise<void> {
    const ending = this.#worker;
    this.#worker = null;
    this.#giveUp(why);
    await ending?.terminate();
  }
}

/** Memory that holds these bytes and nothing else is handed over; to copy 32 MiB would take 10 ms. */
function ownMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
