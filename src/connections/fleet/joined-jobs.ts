type Waiting<Input, Result> = { input: Input; readonly answer: PromiseWithResolvers<Result> };

/**
 * Runs one job at a time, in the order they were asked for. One that is asked for while another waits last may be joined
 * with that one: whoever asked for either gets the result of both.
 */
export class JoinedJobs<Input, Result> {
  readonly #work: (input: Input) => Promise<Result>;
  readonly #join: (waiting: Input, next: Input) => Input | null;
  readonly #waiting: Waiting<Input, Result>[] = [];
  #isRunning = false;

  /** @param join what does the work of both; null: the next one runs by itself */
  constructor(work: (input: Input) => Promise<Result>, join: (waiting: Input, next: Input) => Input | null) {
    this.#work = work;
    this.#join = join;
  }

  /** Begins before it returns where nothing runs. */
  run(input: Input): Promise<Result> {
    if (!this.#isRunning) return this.#start(input);
    const last = this.#waiting.at(-1);
    const joined = last === undefined ? null : this.#join(last.input, input);
    if (last === undefined || joined === null) {
      const answer = Promise.withResolvers<Result>();
      this.#waiting.push({ input, answer });
      return answer.promise;
    }
    last.input = joined;
    return last.answer.promise;
  }

  async #start(input: Input): Promise<Result> {
    this.#isRunning = true;
    try {
      return await this.#work(input);
    } finally {
      this.#isRunning = false;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next.input).then(next.answer.resolve, next.answer.reject);
    }
  }
}
