import type { TRACE_EVENTS } from './trace-decoder.ts';
import { TCP_STATE } from './trace-record.ts';

/** `reason` of tcp_send_reset (include/net/rstreason.h). */
const KEEPALIVE_TIMEOUT = 15;
/** What a socket does after it was closed here is of no connection that is followed: two of five lines of an orderly one. */
const FOLLOWED_STATES = Object.values(TCP_STATE)
  .map((state) => `oldstate==${state}`)
  .join('||');

/**
 * What the kernel keeps of each event: lines of these remote ports that say something. The reset of a connection whose probes
 * stayed unanswered has no port. `hasReason`: it has a reason, as since Linux 6.10; before, it is one of an established socket
 * that is no reply.
 */
export function lineFilters(
  ports: readonly number[],
  { hasReason }: { readonly hasReason: boolean },
): Readonly<Record<keyof typeof TRACE_EVENTS, string>> {
  const toPorts = portFilter(ports);
  return {
    state: `(${toPorts})&&(${FOLLOWED_STATES})`,
    error: `(${toPorts})&&error!=0`,
    resetReceived: toPorts,
    keepaliveReset: hasReason ? `reason==${KEEPALIVE_TIMEOUT}` : `state==${TCP_STATE.established}`,
    retransmit: toPorts,
  };
}

/** A filter is refused from a page on (kernel/trace/trace_events.c, event_filter_write); some room is left for what stands around the ports. */
const LONGEST_PORTS = 3900;

/**
 * The filter that lets the kernel drop lines of other remote ports. Too many ports become the range they lie in; what comes
 * beside them is dropped later. At least one port.
 */
function portFilter(ports: readonly number[]): string {
  const listed = ports.map((port) => `dport==${port}`).join('||');
  if (listed.length <= LONGEST_PORTS) return listed;
  return `dport>=${Math.min(...ports)}&&dport<=${Math.max(...ports)}`;
}
