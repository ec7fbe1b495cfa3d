import type { Clock, Timer } from './clock.ts';

/** setTimeout turns a longer delay into 1 ms (Node.js, TIMEOUT_MAX). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of the machine. Its timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    return ms > LONGEST_TIMEOUT_MS ? afterLong(ms, callback) : afterShort(ms, callback);
  },
  afterPoll(callback) {
    const immediate = setImmediate(callback);
    return { cancel: () => clearImmediate(immediate) };
  },
};

function afterShort(ms: number, callback: () => void): Timer {
  return new ShortTimer(setTimeout(callback, ms));
}

/** An object and no function of its own: a held connection keeps timers, and there are thousands of it. */
class ShortTimer implements Timer {
  readonly #timeout: NodeJS.Timeout;

  constructor(timeout: NodeJS.Timeout) {
    this.#timeout = timeout;
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

function afterLong(ms: number, callback: () => void): Timer {
  let timer = afterShort(LONGEST_TIMEOUT_MS, () => {
    timer = systemClock.after(ms - LONGEST_TIMEOUT_MS, callback);
  });
  return { cancel: () => timer.cancel() };
}
