import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { massDisconnects, runningIncidents } from './blocks/annotations.ts';
import { assemble, type Band } from './blocks/assemble.ts';
import { linkTo, linkToPeerOfSeries, UIDS } from './blocks/dashboard-links.ts';
import { buckets } from './blocks/histograms.ts';
import { ageRows } from './blocks/known-limits.ts';
import { colourByRegexp, coloursByName } from './blocks/overrides.ts';
import { CALM_COLOUR, CLASS_COLOURS, NOT_CONNECTED_COLOUR, PHASE_COLOURS } from './blocks/palette.ts';
import { always, bars, byThresholds, heat, peerTimeline, ranking, stat, steps, tiles } from './blocks/panels.ts';
import { PEER_STATE_WORDS, stateOfWorst } from './blocks/peer-state.ts';
import { bucketsOverTime, now, overTime } from './blocks/queries.ts';
import { endsOfGroupsInRange, inStep, ofGroups, PEER } from './blocks/selector.ts';
import { daemonVariables, groupsVariable, showVariable, worstVariable } from './blocks/variables.ts';
import { ZERO_IS_CALM } from './blocks/value-mappings.ts';
import { alertsFiring, infoFiring } from './panels/alerts-count.ts';
import { firingAlerts } from './panels/firing-alerts.ts';
import { idleLimits } from './panels/idle-limits.ts';
import { shareConnected } from './panels/share-connected.ts';
import { timeConnected } from './panels/time-connected.ts';
import { worstPeers } from './panels/worst-peers.ts';

const failuresInRange = `increase(${ofGroups('finrst_connect_failures_by_reason_total')}[$__range])`;

const connected = stat({
  title: 'Peers connected',
  description: 'Peers with an established connection now, of all that are configured.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.ValueAndName)
  .colorScheme(always('text'))
  .dataLinks([linkTo('fleet', 'Compare the groups')])
  .withTarget(now(`sum(${ofGroups('finrst_peers', 'state="established"')})`, 'connected'))
  .withTarget(now(`sum(${ofGroups('finrst_peers')})`, 'of all'));

const NOT_CONNECTED = `max by (${PEER}) (${ofGroups('finrst_peer_up')}) == 0
    unless max by (${PEER}) (${ofGroups('finrst_peer_announced')}) == 1`;

const notConnected = tiles({
  title: 'Not connected',
  description: 'Peers without an established connection now, but for those whose end was announced.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.Value)
  .thresholds(
    steps([
      [null, CALM_COLOUR],
      [1, NOT_CONNECTED_COLOUR],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(now(`count(${NOT_CONNECTED}) or vector(0)`, 'not connected'));

const howConnectionsEnded = tiles({
  title: 'How connections ended',
  description:
    'Ends in the selected range, by class. eof: the peer closed in order. error: a reset, a dead path, broken TLS. idle_timeout: we gave up on a silent peer. local: we closed by choice. Prometheus extrapolates, so read the numbers as close, not exact.',
  unit: 'none',
})
  .decimals(0)
  .mappings(ZERO_IS_CALM)
  .overrides(coloursByName(CLASS_COLOURS))
  .dataLinks([linkTo('fleet', 'Compare the groups')])
  .withTarget(now(`sum(${endsOfGroupsInRange('error')})`, 'error'))
  .withTarget(now(`sum(${endsOfGroupsInRange('idle_timeout')})`, 'idle_timeout'))
  .withTarget(now(`sum(${endsOfGroupsInRange('eof')})`, 'eof'))
  .withTarget(now(`sum(increase(${ofGroups('finrst_local_closes_total')}[$__range]))`, 'local'));

const failedConnects = tiles({
  title: 'Failed connects',
  description:
    'Attempts in the selected range that did not become a connection. Neither a disconnect nor a local close.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.Value)
  .mappings(ZERO_IS_CALM)
  .colorScheme(always(NOT_CONNECTED_COLOUR))
  .withTarget(now(`sum(${failuresInRange})`, 'failed connects'));

const timeline = peerTimeline({
  title: 'Peers over time: colour says how the connection ended',
  description: `One row for each of the worst peers at the end of the range; "Show" above says how many. ${PEER_STATE_WORDS} Without the recording rule peer:finrst_state, only whether each was connected. Click a row to open the peer.`,
})
  .perPage(20)
  .dataLinks([linkToPeerOfSeries()])
  .withTarget(overTime(stateOfWorst(), '{{peer}} {{cluster}}'));

const endsOverTime = bars({
  title: 'Ends over time, by class',
  description:
    'Ends in each step of the chart. Everything at the same moment points at the path, at a box in between or at Finrst itself; a marker shows its restarts and reloads.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofGroups('finrst_disconnects_by_reason_total'))})`, '{{class}}'))
  .withTarget(overTime(`sum(${inStep(ofGroups('finrst_local_closes_total'))})`, 'local'));

const reasons = ranking({
  title: 'Reasons of the ends',
  description: 'Ends in the selected range by reason, in the colour of their class.',
  unit: 'none',
})
  .overrides(Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(
    now(
      `sort_desc(sum by (class, reason) (increase(${ofGroups('finrst_disconnects_by_reason_total')}[$__range])) > 0.5)`,
      '{{class}}: {{reason}}',
    ),
  )
  .withTarget(
    now(
      `sort_desc(sum by (reason) (increase(${ofGroups('finrst_local_closes_total')}[$__range])) > 0.5)`,
      'local: {{reason}}',
    ),
  );

const failuresByPhase = bars({
  title: 'Failed connects over time, by phase',
  description:
    'Failed attempts in each step of the chart, by the phase they failed in. dns: the name did not resolve. tcp: refused, unreachable, no answer. tls: the handshake. protocol: no good first answer.',
})
  .overrides(coloursByName(PHASE_COLOURS))
  .withTarget(
    overTime(`sum by (phase) (${inStep(ofGroups('finrst_connect_failures_by_reason_total'))}) > 0`, '{{phase}}'),
  );

const failureReasons = ranking({
  title: 'Reasons of the failed connects',
  description: 'Failed attempts in the selected range by phase and reason.',
  unit: 'none',
})
  .overrides(Object.entries(PHASE_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(
    now(
      `sort_desc(sum by (phase, reason) (increase(${ofGroups('finrst_connect_failures_by_reason_total')}[$__range])) > 0.5)`,
      '{{phase}}: {{reason}}',
    ),
  );

const ageHeat = heat({
  title: 'Age at disconnect, with the well-known limits',
  description:
    'How old connections were when they ended, without local closes. A band at one age is a timer somewhere: the marked rows hold the limits that many proxies, load balancers and NAT boxes share (60, 75, 100, 240, 300, 350, 600, 900 and 3600 s).',
})
  .withTransformation(ageRows())
  .withTarget(
    bucketsOverTime(
      buckets({
        family: 'finrst_connection_duration_seconds',
        scope: 'groups',
        further: 'class!="local"',
        window: '$__rate_interval',
      }),
    ),
  );

const connectedByGroup = shareConnected(
  'Peers with an established connection, of all peers of the group. Click a line for the overview of that group.',
);

const BANDS: readonly Band[] = [
  {
    kind: 'band',
    height: 4,
    panels: [
      { id: 1, width: 4, panel: connected },
      { id: 2, width: 3, panel: notConnected },
      { id: 3, width: 7, panel: howConnectionsEnded },
      { id: 4, width: 3, panel: failedConnects },
      { id: 5, width: 3, panel: timeConnected('groups') },
      { id: 6, width: 3, panel: alertsFiring },
      { id: 17, width: 1, panel: infoFiring },
    ],
  },
  {
    kind: 'band',
    height: 11,
    panels: [
      { id: 7, width: 9, panel: timeline },
      { id: 8, width: 15, panel: worstPeers },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 9, width: 7, panel: endsOverTime },
      { id: 10, width: 5, panel: reasons },
      { id: 11, width: 6, panel: failuresByPhase },
      { id: 12, width: 6, panel: failureReasons },
    ],
  },
  {
    kind: 'band',
    height: 12,
    panels: [
      { id: 13, width: 14, panel: ageHeat },
      { id: 14, width: 10, panel: idleLimits },
    ],
  },
  {
    kind: 'band',
    height: 10,
    panels: [
      { id: 15, width: 14, panel: firingAlerts },
      { id: 16, width: 10, panel: connectedByGroup },
    ],
  },
];

/** Is something wrong now, with which peers, how do connections end, since when, and what do the dead have in common. */
export function overview(): Dashboard {
  return assemble({
    uid: UIDS.overview,
    title: 'Finrst / Overview',
    description:
      'Is something wrong now, with which peers, how do connections end, since when, and what do the dead have in common?',
    variables: [...daemonVariables(), groupsVariable(), showVariable(), worstVariable()],
    annotations: [massDisconnects(), runningIncidents()],
    bands: BANDS,
  });
}
