import { writeFileSync } from 'node:fs';
import { FINRST_COMM } from '../proc/process-facts.ts';

/**
 * Gives the process the name by which another Finrst on this host knows its connections, and does not observe them. Its
 * command line stays as it is. Not on other systems than Linux.
 */
export function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', FINRST_COMM);
  } catch {
    // No procfs, or it is read-only.
  }
}
