/** What the metrics sink needs of the clock, handed to it: it computes no time of any event. */
export type MetricsClock = {
  /** Wall-clock milliseconds: when the first configuration was loaded. */
  now(): number;
  /** Monotonic milliseconds: how long a scrape has held the event loop. */
  monotonic(): number;
  after(ms: number, callback: () => void): { cancel(): void };
  /** Calls back once the sockets that are readable now were read. */
  afterPoll(callback: () => void): { cancel(): void };
};
