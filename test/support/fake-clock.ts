import type { Clock, Timer } from '../../src/clock/clock.ts';

type Pending = { readonly dueAt: number; readonly order: number; readonly callback: () => void };

export type FakeClock = Clock & {
  /** Moves time on, firing every timer that falls due, in order; each sees its own time. */
  advance(ms: number): void;
  /** Time passes while nothing runs, as when the event loop is held up: every timer that fell due fires late, at the end. */
  stall(ms: number): void;
  /** Timers that are set and not yet fired or cancelled: 0 after a clean stop. */
  readonly pending: number;
};

/**
 * A clock that moves only by `advance` and `stall`. `afterPoll` stays real (setImmediate), because sockets in tests are real too: the
 * second look must come after a true poll of the kernel. Await `settled()` after an advance that should end something.
 */
export function createFakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Pending>();
  let elapsed = 0;
  let order = 0;
  const next = (until: number): Pending | undefined => {
    let first: Pending | undefined;
    for (const timer of timers) {
      if (timer.dueAt > until) continue;
      if (!first || timer.dueAt < first.dueAt || (timer.dueAt === first.dueAt && timer.order < first.order))
        first = timer;
    }
    return first;
  };
  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    after(ms, callback): Timer {
      // Node.js warns of these on stderr.
      if (!(ms >= 0)) throw new RangeError(`a timer of ${ms} ms`);
      const timer = { dueAt: elapsed + ms, order: order++, callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    afterPoll(callback): Timer {
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    },
    advance(ms) {
      const until = elapsed + ms;
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.dueAt);
        timer.callback();
      }
      elapsed = Math.max(elapsed, until);
    },
    stall(ms) {
      elapsed += ms;
      this.advance(0);
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Resolves after the callbacks that are due now, second looks included, have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
