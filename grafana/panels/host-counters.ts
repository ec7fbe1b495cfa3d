import { bars } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

const COUNTERS = [
  ['finrst_host_softnet_dropped_total', 'packets dropped, a queue was full'],
  ['finrst_host_tcp_abort_on_timeout_total', 'connections given up, nothing was acknowledged'],
  ['finrst_host_listen_drops_total', 'connections dropped, no queue had room'],
  ['finrst_host_tcp_retransmits_total', 'segments sent again'],
] as const;

/** What may be this host's own fault. */
export const hostCounters = COUNTERS.reduce(
  (panel, [family, legend]) => panel.withTarget(overTime(`sum(${inStep(selector(family, 'daemon'))})`, legend)),
  bars({
    title: 'What the hosts of Finrst did to connections',
    description:
      "In each step of the chart, of whichever program: packets that were dropped because a queue of received ones was full, connections that were given up unacknowledged or dropped before they were accepted, and segments that were sent again. Ends beside such drops may be the host's own fault: hint host_drops.",
  }),
);
