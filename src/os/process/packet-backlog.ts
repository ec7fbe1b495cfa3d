import { readFileSync } from 'node:fs';

/**
 * How many packets may wait for one processor on their way through loopback or a veth pair (net.core.netdev_max_backlog).
 * Null where /proc does not show it: in a network namespace of its own, as a container has, and outside Linux.
 */
export function packetBacklog(): number | null {
  try {
    const packets = Number.parseInt(readFileSync('/proc/sys/net/core/netdev_max_backlog', 'utf8'), 10);
    return Number.isNaN(packets) ? null : packets;
  } catch {
    return null;
  }
}
