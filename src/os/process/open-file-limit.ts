import { readFileSync } from 'node:fs';

/**
 * How many descriptors this process may have open, read from /proc; null where there is none, or no limit. Node.js raises
 * its soft limit to the hard one at start, so this is the figure that counts.
 */
export function openFileLimit(): number | null {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readLimits())?.[1];
  return soft === undefined || soft === 'unlimited' ? null : Number(soft);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // no /proc: not Linux
  }
}
