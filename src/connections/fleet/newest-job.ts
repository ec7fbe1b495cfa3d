/**
 * Runs one job at a time. While one runs, one more may wait: a newer one takes its place, and whoever asked for either
 * gets the result of the newer.
 */
export class NewestJob<Input, Result> {
  readonly #work: (input: Input) => Promise<Result>;
  #isRunning = false;
  #waiting: { input: Input; readonly answer: PromiseWithResolvers<Result> } | null = null;

  constructor(work: (input: Input) => Promise<Result>) {
    this.#work = work;
  }

  run(input: Input): Promise<Result> {
    if (!this.#isRunning) return this.#start(input);
    this.#waiting ??= { input, answer: Promise.withResolvers<Result>() };
    this.#waiting.input = input;
    return this.#waiting.answer.promise;
  }

  async #start(input: Input): Promise<Result> {
    this.#isRunning = true;
    try {
      return await this.#work(input);
    } finally {
      this.#isRunning = false;
      const next = this.#waiting;
      this.#waiting = null;
      if (next !== null) this.#start(next.input).then(next.answer.resolve, next.answer.reject);
    }
  }
}
