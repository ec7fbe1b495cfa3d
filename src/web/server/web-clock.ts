/** What of the clock the web server needs, handed to it. */
export type WebClock = {
  now(): number;
  monotonic(): number;
  after(ms: number, callback: () => void): { cancel(): void };
  afterPoll(callback: () => void): { cancel(): void };
};
