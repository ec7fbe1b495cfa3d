import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { massDisconnects, runningIncidents } from './blocks/annotations.ts';
import { assemble, type Band } from './blocks/assemble.ts';
import { linkToGroup, UIDS } from './blocks/dashboard-links.ts';
import { coloursByName } from './blocks/overrides.ts';
import { buckets, quantile } from './blocks/histograms.ts';
import {
  CLASS_COLOURS,
  CONNECTED_COLOUR,
  NOT_CONNECTED_COLOUR,
  NOT_TRIED_COLOUR,
  SEVERITY_COLOURS,
} from './blocks/palette.ts';
import { always, areas, heat, lines, ranking, steps } from './blocks/panels.ts';
import { bucketsOverTime, now, overTime } from './blocks/queries.ts';
import { ofGroups, PEER } from './blocks/selector.ts';
import { daemonVariables, groupsVariable, targetLabelVariable } from './blocks/variables.ts';
import { announcedEnds, announcements, goodbyes, hints } from './panels/announced-ends.ts';
import { abnormalByLabel, comparedByLabel } from './panels/compared-by-label.ts';
import {
  discoveryTroubles,
  kubernetesRequests,
  readDuration,
  sinceLastSuccess,
  sourceReads,
  targetsByState,
} from './panels/discovery.ts';
import { expiringCertificates } from './panels/expiring-certificates.ts';
import { groupsCompared } from './panels/groups-compared.ts';
import { incidentsByScope, incidentsRunning } from './panels/incidents.ts';
import { shareConnected } from './panels/share-connected.ts';
import {
  heldEndsOfObserved,
  longestNotClosed,
  observedAges,
  observedAttempts,
  observedConnections,
  observedEnds,
  observedReasons,
} from './panels/observed.ts';
import { toleratedSilence } from './panels/silence.ts';

const correlatedDrops = lines({
  title: 'Correlated drops: share of peers that lost a connection in the same minute',
  description:
    'Of the peers of each group, how many lost at least one connection within a minute (four scrapes, when they are 15 s apart). One peer at a time is the peer; many at once is the path, a box in between, or Finrst itself. The dashed line is 30 %, the share that the alert FinrstMassDisconnect looks for (over five minutes).',
  unit: 'percentunit',
})
  .min(0)
  .max(1)
  .fillOpacity(25)
  .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  .thresholds(
    steps([
      [null, 'transparent'],
      [0.3, SEVERITY_COLOURS.critical],
    ]),
  )
  .dataLinks([linkToGroup('series')])
  .withTarget(
    overTime(
      `avg by (cluster, group) (sum by (${PEER}) (increase(${ofGroups('finrst_disconnects_total')}[$__rate_interval])) > bool 0)`,
      '{{group}} {{cluster}}',
    ),
  );

const availability = shareConnected('Peers with an established connection, of all peers of the group.');

const downtimeHeat = heat({
  title: 'How long peers stayed away',
  description:
    'From a disconnect to the next established connection, counted when it is back. A peer that is still down is not in it yet.',
}).withTarget(
  bucketsOverTime(buckets({ family: 'finrst_downtime_seconds', scope: 'groups', window: '$__rate_interval' })),
);

/** One line for each group, of a histogram that spans orders of magnitude. */
const logLines = (text: { readonly title: string; readonly description: string }, expr: string): TimeSeriesPanel =>
  lines({ ...text, unit: 's' })
    .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .withTarget(overTime(expr, '{{group}} {{cluster}}'));

const downtimeQuantiles = logLines(
  {
    title: 'Downtime by group: 95th percentile',
    description: 'Within this time 95 % of the lost connections were back. Estimated from histogram buckets.',
  },
  quantile(0.95, 'cluster, group', {
    family: 'finrst_downtime_seconds',
    scope: 'groups',
    window: '$__rate_interval',
  }),
);

const medianAges = logLines(
  {
    title: 'Age at the end, by group: median',
    description:
      'Half of the connections that ended at this point of the chart were younger. A line that stays level is a timer. Without local closes; estimated from histogram buckets.',
  },
  quantile(0.5, 'cluster, group', {
    family: 'finrst_connection_duration_seconds',
    scope: 'groups',
    further: 'class!="local"',
    window: '$__rate_interval',
  }),
);

const states = areas({
  title: 'Peers by state',
  description:
    'What every peer is doing: established, on the way (resolving, connecting, handshaking), closing by our choice, or in backoff between two attempts.',
  unit: 'none',
})
  .decimals(0)
  .overrides(
    coloursByName({
      established: CONNECTED_COLOUR,
      resolving: 'super-light-purple',
      connecting: 'light-purple',
      handshaking: 'dark-purple',
      backoff: NOT_CONNECTED_COLOUR,
      closing: CLASS_COLOURS.local,
      retired: NOT_TRIED_COLOUR,
    }),
  )
  .withTarget(overTime(`sum by (state) (${ofGroups('finrst_peers')})`, '{{state}}'));

const localCloses = ranking({
  title: 'Local closes by reason',
  description: 'Connections that we closed in the selected range, by reason.',
  unit: 'none',
})
  .noValue('None.')
  .colorScheme(always(CLASS_COLOURS.local))
  .withTarget(
    now(
      `sort_desc(sum by (reason) (increase(${ofGroups('finrst_local_closes_total')}[$__range])) > 0.5)`,
      '{{reason}}',
    ),
  );

const traffic = lines({
  title: 'Bytes received, by group',
  description: 'Received bytes per second of all peers of a group. Silence across a group is a symptom of its own.',
  unit: 'Bps',
})
  .min(0)
  .withTarget(
    overTime(
      `sum by (cluster, group) (rate(${ofGroups('finrst_received_bytes_total')}[$__rate_interval]))`,
      '{{group}} {{cluster}}',
    ),
  );

const BANDS: readonly Band[] = [
  { kind: 'band', height: 8, panels: [{ id: 1, width: 24, panel: groupsCompared }] },
  {
    kind: 'band',
    height: 8,
    panels: [
      {
        id: 2,
        width: 12,
        panel: correlatedDrops,
      },
      { id: 3, width: 12, panel: availability },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 4, width: 12, panel: comparedByLabel },
      { id: 5, width: 12, panel: abnormalByLabel },
    ],
  },
  {
    kind: 'band',
    height: 10,
    panels: [
      { id: 6, width: 8, panel: downtimeHeat },
      { id: 7, width: 8, panel: downtimeQuantiles },
      { id: 12, width: 8, panel: medianAges },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 8, width: 6, panel: states },
      { id: 9, width: 4, panel: localCloses },
      { id: 10, width: 9, panel: expiringCertificates },
      { id: 11, width: 5, panel: traffic },
    ],
  },
  {
    kind: 'folded',
    id: 27,
    title: 'Incidents',
    height: 8,
    panels: [
      { id: 25, width: 12, panel: incidentsRunning },
      { id: 26, width: 12, panel: incidentsByScope },
    ],
  },
  {
    kind: 'folded',
    id: 28,
    title: 'How long paths tolerate silence',
    height: 8,
    panels: [{ id: 29, width: 24, panel: toleratedSilence }],
  },
  {
    kind: 'folded',
    id: 30,
    title: 'Connections of applications, beside ours',
    height: 9,
    panels: [
      { id: 31, width: 4, panel: observedConnections },
      { id: 32, width: 3, panel: longestNotClosed },
      { id: 33, width: 4, panel: observedEnds },
      { id: 34, width: 4, panel: heldEndsOfObserved },
      { id: 35, width: 3, panel: observedReasons },
      { id: 36, width: 3, panel: observedAttempts },
      { id: 37, width: 3, panel: observedAges },
    ],
  },
  {
    kind: 'folded',
    id: 13,
    title: 'Announced ends, hints, and what servers said',
    height: 8,
    panels: [
      { id: 14, width: 6, panel: announcedEnds },
      { id: 15, width: 6, panel: announcements },
      { id: 16, width: 6, panel: goodbyes },
      { id: 24, width: 6, panel: hints },
    ],
  },
  {
    kind: 'folded',
    id: 17,
    title: 'Discovery',
    height: 9,
    panels: [
      { id: 18, width: 5, panel: targetsByState },
      { id: 19, width: 3, panel: discoveryTroubles },
      { id: 20, width: 4, panel: sinceLastSuccess },
      { id: 21, width: 4, panel: sourceReads },
      { id: 22, width: 4, panel: readDuration },
      { id: 23, width: 4, panel: kubernetesRequests },
    ],
  },
];

/** Many groups or clusters: which differ, what dropped together, how long things stayed away. */
export function fleet(): Dashboard {
  return assemble({
    uid: UIDS.fleet,
    title: 'Finrst / Fleet',
    description: 'Which groups, zones or teams differ, what dropped together, and how long did it stay away?',
    variables: [...daemonVariables(), groupsVariable(), targetLabelVariable()],
    annotations: [massDisconnects(), runningIncidents()],
    bands: BANDS,
  });
}
