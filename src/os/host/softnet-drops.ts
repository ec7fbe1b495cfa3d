import { readFileSync } from 'node:fs';

/**
 * How many packets this host has dropped since it started because a processor's queue was full (net.core.netdev_max_backlog),
 * over all network namespaces: the second column of /proc/net/softnet_stat, one row for each processor, in hexadecimal
 * (net/core/net-procfs.c). Null where there is no such file.
 */
export function softnetDrops(): number | null {
  try {
    return readSoftnetDrops(readFileSync('/proc/net/softnet_stat', 'latin1'));
  } catch {
    return null;
  }
}

/** The sum of that column; null: this is no such file. */
export function readSoftnetDrops(text: string): number | null {
  const rows = text.split('\n').filter((row) => row !== '');
  const dropped = rows.map((row) => Number.parseInt(row.split(/\s+/)[1] ?? '', 16));
  return rows.length === 0 || dropped.some(Number.isNaN) ? null : dropped.reduce((sum, each) => sum + each, 0);
}
