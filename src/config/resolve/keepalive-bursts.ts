import { timerSlotSeconds } from '../../domain/timer-slot.ts';
import type { Keepalive } from '../../settings/peer-settings.ts';

/** Peers whose probes can leave together: they have the same idle time. */
export type ProbingPeers = { readonly peers: number; readonly keepalive: Keepalive };

/** Packets that leave in one burst, where they are more than the kernel's queue takes in `count` tries. */
export type KeepaliveBurst = {
  readonly keepalive: Keepalive;
  readonly peers: number;
  readonly packets: number;
  readonly limit: number;
};

/** A connection draws its idle time from this share of it. */
const DRAWN_SHARE = 0.2;

/**
 * Where probes of live peers may be dropped `count` times in a row, so that these end as `keepalive_timeout`: the probes of
 * one slot of the timer wheel, of peers that are spread over the drawn part of the idle time or the time of their connects,
 * whichever is longer, overflow the queue in front of loopback and veth.
 *
 * @param backlog net.core.netdev_max_backlog
 */
export function keepaliveBursts(
  probing: readonly ProbingPeers[],
  { backlog, connectsPerSecond }: { readonly backlog: number; readonly connectsPerSecond: number },
): readonly KeepaliveBurst[] {
  return [...together(probing)].flatMap(({ peers, keepalive }) => {
    const { idleSeconds, count } = keepalive;
    const spreadSeconds = Math.max(DRAWN_SHARE * idleSeconds, peers / connectsPerSecond);
    const packets = (peers * timerSlotSeconds(idleSeconds)) / spreadSeconds;
    const limit = backlog * count;
    return packets > limit ? [{ keepalive, peers, packets: Math.round(packets), limit }] : [];
  });
}

/** Peers of several groups with the same idle time probe together; the one with the fewest tries is lost first. */
function together(probing: readonly ProbingPeers[]): Iterable<ProbingPeers> {
  const byIdle = new Map<number, ProbingPeers>();
  for (const { peers, keepalive } of probing) {
    const known = byIdle.get(keepalive.idleSeconds) ?? { peers: 0, keepalive };
    const fewest = keepalive.count < known.keepalive.count ? keepalive : known.keepalive;
    byIdle.set(keepalive.idleSeconds, { peers: known.peers + peers, keepalive: fewest });
  }
  return byIdle.values();
}
