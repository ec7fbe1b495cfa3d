import {
  BigValueColorMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { massDisconnects, runningIncidents } from './blocks/annotations.ts';
import { assemble, type Band } from './blocks/assemble.ts';
import { UIDS } from './blocks/dashboard-links.ts';
import { colourByRegexp, coloursByName } from './blocks/overrides.ts';
import { CLASS_COLOURS, CONNECTED_COLOUR, NOT_CONNECTED_COLOUR, PHASE_COLOURS } from './blocks/palette.ts';
import { always, bars, byThresholds, lines, peerTimeline, stat, steps, teeth, tiles } from './blocks/panels.ts';
import { PEER_STATE_WORDS, stateOfPeer } from './blocks/peer-state.ts';
import { now, overTime, rows } from './blocks/queries.ts';
import { FAILURE_MAPPINGS, REASON_MAPPINGS } from './blocks/reason-words.ts';
import { inStep, selector } from './blocks/selector.ts';
import { UP_DOWN_MAPPINGS } from './blocks/value-mappings.ts';
import { daemonVariables, furtherDatasourceVariable, groupVariable, peerVariable } from './blocks/variables.ts';
import { identityOfPeer } from './panels/identity-of-peer.ts';
import { logsOfPeer, tracesOfPeer } from './panels/evidence-of-peer.ts';
import { groupEnds, groupIdle, groupPhases, groupReasons } from './panels/group-of-peer.ts';
import {
  heldEndsOfPeer,
  observedEndsOfPeer,
  observedNotClosed,
  observedNow,
  observedTraffic,
} from './panels/observed-of-peer.ts';
import { expiry } from './panels/expiring-certificates.ts';
import { reasonsOfPeer } from './panels/reasons-of-peer.ts';
import { timeConnected } from './panels/time-connected.ts';

const ofPeer = (family: string, further?: string): string => selector(family, 'peer', further);
/** One value for each cluster that holds it: two of them must not hide each other. */
const gauge = (family: string): string => `max by (cluster) (${ofPeer(family)})`;
const up = gauge('finrst_peer_up');
const established = `(${gauge('finrst_connection_established_timestamp_seconds')} > 0)`;
const lastDisconnect = gauge('finrst_last_disconnect_timestamp_seconds');

const isConnected = tiles({
  title: 'Now',
  description: 'Whether a connection to this peer is established now.',
  unit: 'none',
})
  .textMode(BigValueTextMode.Value)
  .colorMode(BigValueColorMode.Value)
  .mappings(UP_DOWN_MAPPINGS)
  .withTarget(now(up, 'now {{cluster}}'));

const since = stat({
  title: 'For',
  description: 'How long it has been connected; while it is down, how long since the last disconnect.',
  unit: 'dtdurations',
})
  .decimals(1)
  .noValue('never connected')
  .colorScheme(always('text'))
  .withTarget(now(`(time() - ${established} and ${up} == 1) or (time() - ${lastDisconnect})`, 'for {{cluster}}'));

const lastEnd = stat({
  title: 'Last disconnect',
  description: 'The reason of the last disconnect, in words and in the colour of its class.',
  unit: 'none',
})
  .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^reason$/').values(false))
  .textMode(BigValueTextMode.Value)
  .colorMode(BigValueColorMode.Background)
  .mappings(REASON_MAPPINGS)
  .noValue('none so far')
  .withTarget(rows(`max by (cluster, class, reason) (${ofPeer('finrst_last_disconnect_info')})`));

const whyDown = stat({
  title: 'Why it is down',
  description: 'The phase and the reason of the last failed attempt, while no connection is established.',
  unit: 'none',
})
  .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^failure$/').values(false))
  .textMode(BigValueTextMode.Value)
  .colorMode(BigValueColorMode.Background)
  .mappings(FAILURE_MAPPINGS)
  .colorScheme(always(NOT_CONNECTED_COLOUR))
  .noValue('it is not, or no attempt has failed')
  .withTarget(
    rows(
      `max by (cluster, failure) (label_join(${ofPeer('finrst_last_connect_failure_info')}, "failure", "/", "phase", "reason"))`,
    ),
  );

const lastEndAt = stat({ title: 'When', description: 'When the last disconnect happened.', unit: 'dateTimeFromNow' })
  .noValue('none so far')
  .colorScheme(always('text'))
  .withTarget(now(`${lastDisconnect} * 1000`, 'last disconnect {{cluster}}'));

const certificate = stat({
  title: 'Certificate',
  description:
    'Time left until one of the certificates ends that the verification used; of all presented ones where it failed or is off. Only with TLS.',
  unit: 'dtdurations',
})
  .decimals(1)
  .noValue('no TLS')
  .thresholds(steps(expiry))
  .colorScheme(byThresholds())
  .withTarget(
    now(
      `min by (cluster) (${ofPeer('finrst_tls_certificate_expiry_timestamp_seconds')}) - time()`,
      'certificate {{cluster}}',
    ),
  );

const timeline = peerTimeline({
  title: 'This peer over time',
  description: PEER_STATE_WORDS,
}).withTarget(overTime(stateOfPeer(), '{{peer}} {{cluster}}'));

const lastReasons = peerTimeline({
  title: 'Last disconnect over time, and why connects fail',
  description:
    'A row for each reason: filled while the last disconnect was of that reason, and while no connection is established because attempts fail in that phase for that reason.',
})
  .mappings([])
  .overrides([
    ...Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)),
    ...Object.entries(PHASE_COLOURS).map(([name, colour]) => colourByRegexp(`/^failed, ${name}: /`, colour)),
  ])
  .withTarget(overTime(`max by (class, reason) (${ofPeer('finrst_last_disconnect_info')})`, '{{class}}: {{reason}}'))
  .withTarget(
    overTime(`max by (phase, reason) (${ofPeer('finrst_last_connect_failure_info')})`, 'failed, {{phase}}: {{reason}}'),
  );

const endsOverTime = bars({
  title: 'Ends over time, by class',
  description: 'Disconnects of this peer in each step of the chart.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofPeer('finrst_disconnects_total'))})`, '{{class}}'));

const connects = bars({
  title: 'Connects over time',
  description:
    'Attempts in each step of the chart: those that were established, and the failed ones by the phase they failed in.',
})
  .overrides(
    coloursByName({
      established: CONNECTED_COLOUR,
      ...Object.fromEntries(Object.entries(PHASE_COLOURS).map(([name, colour]) => [`failed: ${name}`, colour])),
    }),
  )
  .withTarget(overTime(`sum(${inStep(ofPeer('finrst_connections_total'))})`, 'established'))
  .withTarget(overTime(`sum by (phase) (${inStep(ofPeer('finrst_connect_failures_total'))}) > 0`, 'failed: {{phase}}'));

const age = teeth({
  title: 'Age of the connection',
  description:
    'Each tooth is one connection, its height the age it reached. Teeth of equal height mean a timer somewhere: the dashed lines are the well-known limits (60, 75, 100, 240, 300, 350, 600, 900, 3600 s), as far as the chart reaches.',
})
  .colorScheme(always('light-blue'))
  .withTarget(overTime(`time() - ${established} and on (cluster) ${up} == 1`, 'age {{cluster}}'));

const idle = teeth({
  title: 'Time since the last received byte',
  description:
    'Each tooth is one wait for a byte. This is what idle_timeout looks at. The dashed lines are the well-known limits, as far as the chart reaches.',
})
  .colorScheme(always('light-yellow'))
  .withTarget(
    overTime(
      `time() - ${gauge('finrst_last_received_timestamp_seconds')} and on (cluster) ${up} == 1`,
      'since the last byte {{cluster}}',
    ),
  );

const roundTrips = lines({
  title: 'Round trips',
  description:
    "Heartbeat: until the peer itself answered. TCP: the kernel's smoothed round trip and the least it has seen, read every sample_interval. A heartbeat far above TCP means a slow peer, both high a slow path.",
  unit: 's',
})
  .min(0)
  .showPoints(VisibilityMode.Auto)
  .overrides([
    colourByRegexp('/^heartbeat/', 'light-yellow'),
    colourByRegexp('/^TCP( |$)/', 'blue'),
    colourByRegexp('/^TCP, least/', 'super-light-blue'),
  ])
  .withTarget(overTime(gauge('finrst_heartbeat_rtt_seconds'), 'heartbeat {{cluster}}'))
  .withTarget(overTime(gauge('finrst_tcp_rtt_seconds'), 'TCP {{cluster}}'))
  .withTarget(overTime(gauge('finrst_tcp_min_rtt_seconds'), 'TCP, least {{cluster}}'));

const retransmits = bars({
  title: 'Retransmits',
  description: 'TCP segments sent again, in each step of the chart. A rise before the ends points at the path.',
})
  .overrides(coloursByName({ retransmits: 'yellow' }))
  .withTarget(overTime(`sum(${inStep(ofPeer('finrst_tcp_retransmits_total'))})`, 'retransmits'));

const bytes = lines({
  title: 'Bytes',
  description: 'Received above, sent below the line. With TLS: what it carried, not the records.',
  unit: 'Bps',
})
  .fillOpacity(20)
  .overrides(coloursByName({ received: 'blue', sent: 'super-light-blue' }))
  .withTarget(overTime(`sum(rate(${ofPeer('finrst_received_bytes_total')}[$__rate_interval]))`, 'received'))
  .withTarget(overTime(`-sum(rate(${ofPeer('finrst_sent_bytes_total')}[$__rate_interval]))`, 'sent'));

const BANDS: readonly Band[] = [
  {
    kind: 'band',
    height: 4,
    panels: [
      { id: 1, width: 2, panel: isConnected },
      { id: 2, width: 3, panel: since },
      { id: 3, width: 5, panel: lastEnd },
      { id: 4, width: 3, panel: lastEndAt },
      { id: 24, width: 5, panel: whyDown },
      { id: 5, width: 3, panel: timeConnected('peer') },
      { id: 6, width: 3, panel: certificate },
    ],
  },
  {
    kind: 'band',
    height: 7,
    panels: [
      { id: 7, width: 9, panel: timeline },
      { id: 8, width: 9, panel: lastReasons },
      { id: 9, width: 6, panel: identityOfPeer },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 10, width: 9, panel: endsOverTime },
      { id: 25, width: 6, panel: reasonsOfPeer },
      { id: 11, width: 9, panel: connects },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 12, width: 12, panel: age },
      { id: 13, width: 12, panel: idle },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 14, width: 9, panel: roundTrips },
      { id: 15, width: 6, panel: retransmits },
      { id: 16, width: 9, panel: bytes },
    ],
  },
  {
    kind: 'band',
    height: 12,
    panels: [
      { id: 17, width: 5, panel: groupReasons },
      { id: 18, width: 6, panel: groupEnds },
      { id: 19, width: 7, panel: groupIdle },
      { id: 20, width: 6, panel: groupPhases },
    ],
  },
  {
    kind: 'folded',
    id: 26,
    title: 'Connections of applications to this peer, beside ours',
    height: 9,
    panels: [
      { id: 27, width: 5, panel: observedNow },
      { id: 28, width: 4, panel: observedNotClosed },
      { id: 29, width: 5, panel: observedEndsOfPeer },
      { id: 30, width: 5, panel: heldEndsOfPeer },
      { id: 31, width: 5, panel: observedTraffic },
    ],
  },
  {
    kind: 'folded',
    id: 21,
    title: 'Traces and logs of this peer (needs Tempo and Loki)',
    height: 12,
    panels: [
      { id: 22, width: 12, panel: tracesOfPeer() },
      { id: 23, width: 12, panel: logsOfPeer() },
    ],
  },
];

/** One peer: since when, how did it end, how long do its connections live, and what did the path look like before. */
export function peer(): Dashboard {
  return assemble({
    uid: UIDS.peer,
    title: 'Finrst / Peer',
    description:
      'One peer: is it connected, how and when did its connections end, how long did they live, how was the path?',
    variables: [
      ...daemonVariables(),
      groupVariable(),
      peerVariable(),
      furtherDatasourceVariable('tempo', 'Traces'),
      furtherDatasourceVariable('loki', 'Logs'),
    ],
    annotations: [massDisconnects(), runningIncidents()],
    bands: BANDS,
  });
}
