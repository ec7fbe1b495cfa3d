/** A filter is refused from a page on (kernel/trace/trace_events.c, event_filter_write); some room is left for what stands around the ports. */
const LONGEST_PORTS = 3900;

/**
 * The filter that lets the kernel drop lines of other remote ports. Too many ports become the range they lie in; what comes
 * beside them is dropped later. At least one port.
 */
export function portFilter(ports: readonly number[], field = 'dport'): string {
  const listed = ports.map((port) => `${field}==${port}`).join('||');
  if (listed.length <= LONGEST_PORTS) return listed;
  return `${field}>=${Math.min(...ports)}&&${field}<=${Math.max(...ports)}`;
}
