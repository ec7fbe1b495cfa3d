import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Band } from './blocks/assemble.ts';
import { linkTo, linkToPeerOfSeries, UIDS } from './blocks/dashboard-links.ts';
import { ageBars, ageRows } from './blocks/known-limits.ts';
import { colourByRegexp, coloursByName } from './blocks/overrides.ts';
import { CLASS_COLOURS, PHASE_COLOURS } from './blocks/palette.ts';
import { always, bars, byThresholds, heat, peerTimeline, ranking, stat, steps, tiles } from './blocks/panels.ts';
import { PEER_STATE_WORDS, peerState } from './blocks/peer-state.ts';
import { bucketsInRange, bucketsOverTime, now, overTime } from './blocks/queries.ts';
import { endsInRange, ofGroups } from './blocks/selector.ts';
import { trouble } from './blocks/trouble.ts';
import { datasourceVariable, groupsVariable, instanceVariable, jobVariable, showVariable } from './blocks/variables.ts';
import { ZERO_IS_CALM } from './blocks/value-mappings.ts';
import { firingAlerts } from './panels/firing-alerts.ts';
import { shareConnected } from './panels/share-connected.ts';
import { worstPeers } from './panels/worst-peers.ts';

const up = `max by (group, peer) (${ofGroups('finrst_peer_up')})`;
/** Also peers whose first attempt has no outcome yet: those are not in `up`. */
const known = `max by (group, peer) (increase(${ofGroups('finrst_connections_total')}[$__rate_interval]))`;
const failuresInRange = `increase(${ofGroups('finrst_connect_failures_total')}[$__range])`;
const perMinute = (counter: string): string => `60 * rate(${counter}[$__rate_interval])`;

const connected = stat({
  title: 'Peers connected',
  description: 'Peers with an established connection now, of all that are configured.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.ValueAndName)
  .colorScheme(always('text'))
  .dataLinks([linkTo('fleet', 'Compare the groups')])
  .withTarget(now(`sum(${up})`, 'connected'))
  .withTarget(now(`count(${known})`, 'of all'));

const notConnected = tiles({
  title: 'Not connected',
  description: 'Peers without an established connection now.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.Value)
  .thresholds(
    steps([
      [null, 'dark-green'],
      [1, 'dark-red'],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(now(`count(${up} == 0) or vector(0)`, 'not connected'));

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
  .withTarget(now(`sum(${endsInRange('error')})`, 'error'))
  .withTarget(now(`sum(${endsInRange('idle_timeout')})`, 'idle_timeout'))
  .withTarget(now(`sum(${endsInRange('eof')})`, 'eof'))
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
  .colorScheme(always('dark-purple'))
  .withTarget(now(`sum(${failuresInRange})`, 'failed connects'));

const timeConnected = stat({
  title: 'Time connected',
  description:
    'Share of the selected range that peers were connected, averaged over all peers. An outage that fits between two scrapes is not in it.',
  unit: 'percentunit',
})
  .decimals(1)
  .thresholds(
    steps([
      [null, 'red'],
      [0.95, 'orange'],
      [0.999, 'green'],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(now(`avg(avg_over_time(${ofGroups('finrst_peer_up')}[$__range]))`, 'time connected'));

const alertsFiring = tiles({
  title: 'Alerts firing',
  description: 'Alerts of the rules that ship with Finrst that fire now. They are listed at the bottom.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.Value)
  .thresholds(
    steps([
      [null, 'dark-green'],
      [1, 'dark-red'],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(now('count(ALERTS{alertstate="firing", alertname=~"Finrst.+"}) or vector(0)', 'firing'));

const timeline = peerTimeline({
  title: 'Peers over time: colour says how the connection ended',
  description: `One row per peer. ${PEER_STATE_WORDS} Ends are taken from counters, so one that was mended between two scrapes shows too. Click a row to open the peer. "Show" above leaves out the quiet ones.`,
})
  .perPage(20)
  .dataLinks([linkToPeerOfSeries()])
  .withTarget(overTime(`${peerState('groups')} and on (group, peer) (${trouble()} >= $show)`, '{{peer}}'));

const endsOverTime = bars({
  title: 'Ends over time, by class',
  description:
    'Ends per minute. Everything at the same moment points at the path, at a box in between or at Finrst itself; a marker shows its restarts and reloads.',
  unit: 'cpm',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${perMinute(ofGroups('finrst_disconnects_by_reason_total'))})`, '{{class}}'))
  .withTarget(overTime(`sum(${perMinute(ofGroups('finrst_local_closes_total'))})`, 'local'));

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
    'Failed attempts per minute by the phase they failed in. dns: the name did not resolve. tcp: refused, unreachable, no answer. tls: the handshake. protocol: the first step of the heartbeat.',
  unit: 'cpm',
})
  .overrides(coloursByName(PHASE_COLOURS))
  .withTarget(overTime(`sum by (phase) (${perMinute(ofGroups('finrst_connect_failures_total'))}) > 0`, '{{phase}}'));

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
      `sum by (le) (increase(${ofGroups('finrst_connection_duration_seconds_bucket', 'class!="local"')}[$__rate_interval]))`,
    ),
  );

const idleBars = ranking({
  title: 'Idle at disconnect: whose limit was it?',
  description:
    'Time since the last received byte when connections ended, in the selected range. A bar at a named limit tells which kind of box cut the connection.',
  unit: 'none',
})
  .colorScheme(always('#6e6e78'))
  .overrides(ageBars('dark-orange'))
  .withTarget(
    bucketsInRange(
      `sum by (le) (increase(${ofGroups('finrst_idle_at_disconnect_seconds_bucket', 'class!="local"')}[$__range]))`,
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
      { id: 3, width: 8, panel: howConnectionsEnded },
      { id: 4, width: 3, panel: failedConnects },
      { id: 5, width: 3, panel: timeConnected },
      { id: 6, width: 3, panel: alertsFiring },
    ],
  },
  {
    kind: 'band',
    height: 11,
    panels: [
      { id: 7, width: 11, panel: timeline },
      { id: 8, width: 13, panel: worstPeers },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 9, width: 9, panel: endsOverTime },
      { id: 10, width: 5, panel: reasons },
      { id: 11, width: 6, panel: failuresByPhase },
      { id: 12, width: 4, panel: failureReasons },
    ],
  },
  {
    kind: 'band',
    height: 13,
    panels: [
      { id: 13, width: 13, panel: ageHeat },
      { id: 14, width: 11, panel: idleBars },
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
    variables: [datasourceVariable(), jobVariable(), instanceVariable(), groupsVariable(), showVariable()],
    bands: BANDS,
  });
}
