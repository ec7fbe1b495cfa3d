import type { TcpSample } from './tcp-sample.ts';

/**
 * Why bytes of ours did not drain. `peer`: its kernel answers, and its program does not read. `path`: what is sent again and
 * again is not acknowledged.
 */
export type StalledBy = 'peer' | 'path';

/** A peer that lives answers each probe of its closed window, so one probe may be under way and two are unanswered. */
const PROBES_UNDER_WAY = 1;

/** What the kernel knew when a write had not drained for too long. */
export function stalledBy({ pendingRetransmits, pendingProbes }: TcpSample): StalledBy {
  return pendingRetransmits > 0 || pendingProbes > PROBES_UNDER_WAY ? 'path' : 'peer';
}
