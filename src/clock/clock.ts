/** A timer that was set. Cancelling one that fired or was cancelled does nothing. */
export type Timer = { cancel(): void };

/** The only source of time and timers in `src/`. */
export type Clock = {
  /** Wall-clock milliseconds since the epoch: for timestamps that people read. */
  now(): number;
  /** Monotonic milliseconds, with fractions: for every length of time. */
  monotonic(): number;
  /** Calls back once, no earlier than `ms` from now. Longer than 24.8 days is allowed. */
  after(ms: number, callback: () => void): Timer;
  /** Calls back once, after the sockets that are readable now were read: to be rechecked before a peer is blamed. */
  afterPoll(callback: () => void): Timer;
};
