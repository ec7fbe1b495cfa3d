import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Band } from './blocks/assemble.ts';
import { linkToGroup, UIDS } from './blocks/dashboard-links.ts';
import { colourByRegexp, coloursByName } from './blocks/overrides.ts';
import { CLASS_COLOURS, CONNECTED_COLOUR } from './blocks/palette.ts';
import { areas, heat, lines, ranking, steps } from './blocks/panels.ts';
import { bucketsOverTime, now, overTime } from './blocks/queries.ts';
import { ofGroups } from './blocks/selector.ts';
import {
  datasourceVariable,
  groupsVariable,
  instanceVariable,
  jobVariable,
  targetLabelVariable,
} from './blocks/variables.ts';
import { abnormalByLabel, comparedByLabel } from './panels/compared-by-label.ts';
import { expiringCertificates } from './panels/expiring-certificates.ts';
import { groupsCompared } from './panels/groups-compared.ts';
import { shareConnected } from './panels/share-connected.ts';

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
      [0.3, 'red'],
    ]),
  )
  .dataLinks([linkToGroup('series')])
  .withTarget(
    overTime(
      `avg by (group) (sum by (group, peer) (increase(${ofGroups('finrst_disconnects_total')}[$__rate_interval])) > bool 0)`,
      '{{group}}',
    ),
  );

const availability = shareConnected('Peers with an established connection, of all peers of the group.');

const downtimeHeat = heat({
  title: 'How long peers stayed away',
  description:
    'From a disconnect to the next established connection, counted when it is back. A peer that is still down is not in it yet.',
}).withTarget(
  bucketsOverTime(`sum by (le) (increase(${ofGroups('finrst_downtime_seconds_bucket')}[$__rate_interval]))`),
);

const downtimeQuantiles = lines({
  title: 'Downtime by group: 95th percentile',
  description: 'Within this time 95 % of the lost connections were back. Estimated from histogram buckets.',
  unit: 's',
})
  .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
  .fillOpacity(0)
  .showPoints(VisibilityMode.Auto)
  .withTarget(
    overTime(
      `histogram_quantile(0.95, sum by (group, le) (rate(${ofGroups('finrst_downtime_seconds_bucket')}[$__rate_interval])))`,
      '{{group}}',
    ),
  );

const states = areas({
  title: 'Peers by state',
  description:
    'What every peer is doing: established, on the way (resolving, connecting, handshaking), or in backoff between two attempts.',
  unit: 'none',
})
  .decimals(0)
  .overrides(
    coloursByName({
      established: CONNECTED_COLOUR,
      resolving: 'light-blue',
      connecting: 'purple',
      handshaking: 'dark-purple',
      backoff: 'dark-red',
    }),
  )
  .withTarget(overTime(`sum by (state) (${ofGroups('finrst_peers')})`, '{{state}}'));

const localCloses = ranking({
  title: 'Local closes by reason',
  description: 'Connections that we closed in the selected range: shutdown, removed, reconfigured, max_age.',
  unit: 'none',
})
  .overrides([colourByRegexp('/.*/', CLASS_COLOURS.local)])
  .withTarget(
    now(`sort_desc(sum by (reason) (increase(${ofGroups('finrst_local_closes_total')}[$__range])))`, '{{reason}}'),
  );

const traffic = lines({
  title: 'Bytes received, by group',
  description: 'Received bytes per second of all peers of a group. Silence across a group is a symptom of its own.',
  unit: 'Bps',
})
  .min(0)
  .withTarget(
    overTime(`sum by (group) (rate(${ofGroups('finrst_received_bytes_total')}[$__rate_interval]))`, '{{group}}'),
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
      { id: 6, width: 12, panel: downtimeHeat },
      { id: 7, width: 12, panel: downtimeQuantiles },
    ],
  },
  {
    kind: 'band',
    height: 8,
    panels: [
      { id: 8, width: 6, panel: states },
      { id: 9, width: 4, panel: localCloses },
      { id: 10, width: 8, panel: expiringCertificates },
      { id: 11, width: 6, panel: traffic },
    ],
  },
];

/** Many groups or clusters: which differ, what dropped together, how long things stayed away. */
export function fleet(): Dashboard {
  return assemble({
    uid: UIDS.fleet,
    title: 'Finrst / Fleet',
    description: 'Which groups, zones or teams differ, what dropped together, and how long did it stay away?',
    variables: [datasourceVariable(), jobVariable(), instanceVariable(), groupsVariable(), targetLabelVariable()],
    bands: BANDS,
  });
}
