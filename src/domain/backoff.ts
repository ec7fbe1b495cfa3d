import type { Reconnect } from '../settings/peer-settings.ts';

/** A server that accepts and gives up on us soon is not a recovery: MySQL for one closes silent clients after 10 s. */
const RECOVERED_AFTER_MS = 15_000;

/**
 * How many waits the series has had after a connection that lived this long: it starts over, at 0, where the connection
 * lived 15 s or we chose to end it, else it goes on. Failures and younger connections share one series.
 */
export function waitsAfterConnection(waits: number, end: { livedMs: number; isOurChoice: boolean }): number {
  return end.isOurChoice || end.livedMs >= RECOVERED_AFTER_MS ? 0 : waits;
}

/** A wrong password is worth a try a minute at first, */
const SHORTEST_REFUSED_MS = 60_000;
/** and four an hour in the end. */
const LONGEST_REFUSED_MS = 900_000;

/**
 * The longest wait after a refusal that repetition makes worse: 60 s, or the ceiling of all delays where that is more, doubled
 * for each refusal before with the same word, up to 15 minutes.
 */
export function refusedCeilingMs(refusalsBefore: number, { maxMs }: Pick<Reconnect, 'maxMs'>): number {
  const first = Math.max(SHORTEST_REFUSED_MS, maxMs);
  return Math.min(Math.max(LONGEST_REFUSED_MS, maxMs), first * 2 ** Math.min(refusalsBefore, 31));
}

/** The wait itself: half to whole of that. `random` is in 0..1. */
export function refusedDelayMs(refusalsBefore: number, reconnect: Pick<Reconnect, 'maxMs'>, random: number): number {
  return refusedCeilingMs(refusalsBefore, reconnect) * (0.5 + 0.5 * random);
}

/**
 * The next wait with full jitter: uniform in 0..min(max, initial * 2^waits). `random` is in 0..1.
 *
 * @example nextDelayMs(3, {initialMs: 1000, maxMs: 60000}, 0.5)  // 4000: half of 8 s
 */
export function nextDelayMs(waits: number, reconnect: Reconnect, random: number): number {
  // 2^31 initial delays exceed any max that fits the configuration; the cap keeps the power finite.
  return random * Math.min(reconnect.maxMs, reconnect.initialMs * 2 ** Math.min(waits, 31));
}
