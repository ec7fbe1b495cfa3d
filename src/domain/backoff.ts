import type { Reconnect } from '../settings/peer-settings.ts';

/** How far a peer's series of failures and short connections has come. */
export type Backoff = { readonly series: number; readonly lastDelayMs: number };

/** A peer that has not failed since its last long connection: it waits the shortest time next. */
export const FRESH_BACKOFF: Backoff = { series: 0, lastDelayMs: 0 };

/** A connection younger than this never starts the series over: a server that accepts and hangs up is not a recovery. */
const SHORT_LIFE_MS = 1000;

/**
 * The series after a connection that lived this long: it starts over when the connection outlived the last delay (and a
 * second), else it goes on. Failures and short connections share one series.
 */
export function afterConnection(backoff: Backoff, livedMs: number): Backoff {
  return livedMs >= SHORT_LIFE_MS && livedMs > backoff.lastDelayMs ? FRESH_BACKOFF : backoff;
}

/**
 * The next wait with full jitter: uniform in 0..min(max, initial * 2^series). `random` is in 0..1.
 *
 * @example nextDelay({series: 3, lastDelayMs: 0}, {initialMs: 1000, maxMs: 60000}, 0.5)  // 4000: half of 8 s
 */
export function nextDelay(backoff: Backoff, reconnect: Reconnect, random: number): Backoff {
  // 2^31 initial delays exceed any max that fits the configuration; the cap keeps the power finite.
  const ceiling = Math.min(reconnect.maxMs, reconnect.initialMs * 2 ** Math.min(backoff.series, 31));
  return { series: backoff.series + 1, lastDelayMs: random * ceiling };
}
