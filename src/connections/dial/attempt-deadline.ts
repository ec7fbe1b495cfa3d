import type { Clock, Timer } from '../../clock/clock.ts';

/** How long our own event loop was held up so far. */
export type StallTotal = {
  readonly stalledMs: number;
  /** Something is awaited for at most so long from now: stalls are to be seen. */
  watchFor(ms: number): void;
};

export type AttemptDeadlineOptions = {
  readonly clock: Clock;
  readonly stalls: StallTotal;
  readonly timeoutMs: number;
  /** Called once, after the sockets that were readable at the deadline were read. */
  readonly passed: () => void;
};

/**
 * The one deadline of an attempt. Time that our own event loop stalled is given back once it passes, so that no peer is
 * blamed for it. In all at most one `timeoutMs` is given back, for a peer may itself be the cause: the bytes that it sends
 * during a handshake keep us busy.
 */
export class AttemptDeadline {
  readonly #options: AttemptDeadlineOptions;
  #dueAt: number;
  #stalledBefore: number;
  #mayGiveBackMs: number;
  #timer: Timer;

  constructor(options: AttemptDeadlineOptions) {
    this.#options = options;
    options.stalls.watchFor(2 * options.timeoutMs);
    this.#stalledBefore = options.stalls.stalledMs;
    this.#mayGiveBackMs = options.timeoutMs;
    this.#dueAt = options.clock.monotonic() + options.timeoutMs;
    this.#timer = this.#arm(options.timeoutMs);
  }

  get leftMs(): number {
    return this.#dueAt - this.#options.clock.monotonic();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #arm(ms: number): Timer {
    return this.#options.clock.after(ms, () => {
      this.#timer = this.#options.clock.afterPoll(() => this.#recheck());
    });
  }

  #recheck(): void {
    const { stalledMs } = this.#options.stalls;
    const owedMs = this.leftMs + stalledMs - this.#stalledBefore;
    const givenMs = Math.min(owedMs, this.#mayGiveBackMs);
    this.#stalledBefore = stalledMs;
    this.#mayGiveBackMs -= Math.max(0, givenMs);
    this.#dueAt = this.#options.clock.monotonic() + givenMs;
    if (givenMs > 0) this.#timer = this.#arm(givenMs);
    else this.#options.passed();
  }
}
