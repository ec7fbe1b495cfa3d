import type { Keepalive } from '../settings/peer-settings.ts';

/** The shortest idle time that is drawn, as a share of the configured one. */
const SHORTEST_SHARE = 0.8;

/**
 * The keepalive of one connection: its idle time is a whole second, each as likely as another, from ceil(0.8 x idle) to
 * idle, so below 5 s it is the configured one. The kernel fires all timers of one slot of its timer wheel together (2 s wide
 * for a minute, `kernel/time/timer.c`), and what leaves in one burst beyond net.core.netdev_max_backlog is dropped: peers
 * that were connected together would lose their probes together, and look dead.
 *
 * @param random uniform in 0..1
 */
export function keepaliveInForce(keepalive: Keepalive, random: number): Keepalive {
  const { idleSeconds } = keepalive;
  const shortest = Math.ceil(SHORTEST_SHARE * idleSeconds);
  const drawn = shortest + Math.floor(random * (idleSeconds - shortest + 1));
  return { ...keepalive, idleSeconds: Math.min(idleSeconds, drawn) };
}
