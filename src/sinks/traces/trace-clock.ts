/** The part of the clock that spans need: bucket, deadlines, and a turn of the event loop between two pieces of work. */
export type TraceClock = {
  now(): number;
  /** Monotonic milliseconds. */
  monotonic(): number;
  after(ms: number, callback: () => void): { cancel(): void };
  afterPoll(callback: () => void): { cancel(): void };
};
