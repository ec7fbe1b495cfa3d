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

/**
 * The next wait with full jitter: uniform in 0..min(max, initial * 2^waits). `random` is in 0..1.
 *
 * @example nextDelayMs(3, {initialMs: 1000, maxMs: 60000}, 0.5)  // 4000: half of 8 s
 */
export function nextDelayMs(waits: number, reconnect: Reconnect, random: number): number {
  // 2^31 initial delays exceed any max that fits the configuration; the cap keeps the power finite.
  return random * Math.min(reconnect.maxMs, reconnect.initialMs * 2 ** Math.min(waits, 31));
}
