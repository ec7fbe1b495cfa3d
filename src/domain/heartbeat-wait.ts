import type { Heartbeat } from '../settings/heartbeat.ts';

/** The shortest wait, as a share of the interval. */
const SHORTEST_SHARE = 0.8;

/**
 * The wait from one heartbeat to the next: uniform from max(timeout, 0.8 x interval) to the interval, so that peers that
 * were connected together do not beat together for ever. `random` is in 0..1.
 */
export function heartbeatWaitMs(beat: Omit<Heartbeat, 'protocol'>, random: number): number {
  return beat.intervalMs - random * (beat.intervalMs - shortestWaitMs(beat));
}

/** The shortest of these waits. */
export function shortestWaitMs({ intervalMs, timeoutMs }: Omit<Heartbeat, 'protocol'>): number {
  return Math.max(timeoutMs ?? 0, SHORTEST_SHARE * intervalMs);
}

/** The same heartbeat at least so often. Its answer may take no longer than the interval: waits are drawn between the two. */
export function atLeastEvery({ intervalMs, timeoutMs }: Omit<Heartbeat, 'protocol'>, atMostMs: number) {
  const shorter = Math.min(intervalMs, atMostMs);
  return { intervalMs: shorter, timeoutMs: timeoutMs === null ? null : Math.min(timeoutMs, shorter) };
}
