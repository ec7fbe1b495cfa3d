import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble } from './blocks/assemble.ts';
import type { Column } from './blocks/columns.ts';
import { columnOverrides, joinColumns, lightsUp, linked } from './blocks/columns.ts';
import { linkToGroup, linkToPeerOfRow, UIDS } from './blocks/dashboard-links.ts';
import { colourByRegexp, coloursByName } from './blocks/overrides.ts';
import { CLASS_COLOURS, CONNECTED_COLOUR } from './blocks/palette.ts';
import { areas, bars, heat, lines, ranking, steps, table } from './blocks/panels.ts';
import { bucketsOverTime, now, overTime, rows } from './blocks/queries.ts';
import { selector } from './blocks/selector.ts';
import { shareConnected } from './blocks/share-connected.ts';
import {
  datasourceVariable,
  groupsVariable,
  instanceVariable,
  jobVariable,
  targetLabelVariable,
} from './blocks/variables.ts';

const ofGroups = (family: string, further?: string): string => selector(family, 'groups', further);
const endsInRange = (disconnectClass: string): string =>
  `increase(${ofGroups('finrst_disconnects_total', `class="${disconnectClass}"`)}[$__range])`;
const bucketsInRangeOf = (family: string, further?: string): string =>
  `sum by (group, le) (increase(${ofGroups(`${family}_bucket`, further)}[$__range]))`;
/** The value of the chosen label as `label_value`, joined to a number by the peer that both are about. */
const byTargetLabel = (perPeer: string): string =>
  `sum by (label_value) (label_replace(label_replace(
    sum by (job, instance, group, peer) (${perPeer})
      * on (job, instance, group, peer) group_left($label) ${ofGroups('finrst_peer_info')},
    "label_value", "$1", "$label", "(.*)"), "label_value", "(none)", "label_value", ""))`;

const share = { unit: 'percentunit', decimals: 1, 'custom.width': 130 } as const;

const GROUP_COLUMNS: readonly Column[] = [
  { from: 'group', name: 'group', properties: linked(linkToGroup('row').build(), { 'custom.minWidth': 140 }) },
  { from: 'Value #A', name: 'peers', properties: { 'custom.width': 80 } },
  { from: 'Value #B', name: 'connected', properties: { 'custom.width': 100 } },
  {
    from: 'Value #C',
    name: 'time connected',
    properties: {
      ...share,
      'custom.cellOptions': { type: 'color-text' },
      color: { mode: 'thresholds' },
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'red' },
          { value: 0.95, color: 'orange' },
          { value: 0.999, color: 'green' },
        ],
      },
    },
  },
  { from: 'Value #D', name: 'error', properties: lightsUp(CLASS_COLOURS.error, 90) },
  { from: 'Value #E', name: 'idle_timeout', properties: lightsUp(CLASS_COLOURS.idle_timeout, 110) },
  { from: 'Value #F', name: 'eof', properties: lightsUp(CLASS_COLOURS.eof, 90) },
  { from: 'Value #G', name: 'failed connects', properties: lightsUp('purple', 130) },
  { from: 'Value #H', name: 'connects', properties: { 'custom.width': 100 } },
  { from: 'Value #I', name: 'median age at end', properties: { unit: 's', decimals: 1, 'custom.width': 150 } },
  { from: 'Value #J', name: 'p95 downtime', properties: { unit: 's', decimals: 1, 'custom.width': 130 } },
  { from: 'Value #K', name: 'p95 connect', properties: { unit: 's', decimals: 1, 'custom.width': 130 } },
];

const groups = table({
  title: 'Groups compared',
  description:
    'One row per group over the selected range. Ages and downtimes are estimated from histogram buckets. Click a group for its overview.',
  unit: 'none',
})
  .withTarget(rows(`sum by (group) (${ofGroups('finrst_peers')})`))
  .withTarget(rows(`sum by (group) (${ofGroups('finrst_peer_up')})`))
  .withTarget(rows(`avg by (group) (avg_over_time(${ofGroups('finrst_peer_up')}[$__range]))`))
  .withTarget(rows(`sum by (group) (${endsInRange('error')})`))
  .withTarget(rows(`sum by (group) (${endsInRange('idle_timeout')})`))
  .withTarget(rows(`sum by (group) (${endsInRange('eof')})`))
  .withTarget(rows(`sum by (group) (increase(${ofGroups('finrst_connect_failures_total')}[$__range]))`))
  .withTarget(rows(`sum by (group) (increase(${ofGroups('finrst_connections_total')}[$__range]))`))
  .withTarget(
    rows(`histogram_quantile(0.5, ${bucketsInRangeOf('finrst_connection_duration_seconds', 'class!="local"')}) >= 0`),
  )
  .withTarget(rows(`histogram_quantile(0.95, ${bucketsInRangeOf('finrst_downtime_seconds')}) >= 0`))
  .withTarget(
    rows(`histogram_quantile(0.95, ${bucketsInRangeOf('finrst_connect_duration_seconds', 'phase="total"')}) >= 0`),
  )
  .transformations(
    joinColumns(GROUP_COLUMNS, { sortBy: 'Value #C', descending: false, required: 'Value #A' }, [
      'Time',
      ...GROUP_COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(GROUP_COLUMNS));

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

const LABEL_COLUMNS: readonly Column[] = [
  {
    from: 'label_value',
    name: 'value of the label',
    properties: { 'custom.minWidth': 140 },
  },
  { from: 'Value #A', name: 'peers', properties: { 'custom.width': 70 } },
  { from: 'Value #B', name: 'connected', properties: { 'custom.width': 92 } },
  { from: 'Value #C', name: 'error', properties: lightsUp(CLASS_COLOURS.error, 70) },
  { from: 'Value #D', name: 'idle_timeout', properties: lightsUp(CLASS_COLOURS.idle_timeout, 104) },
  { from: 'Value #E', name: 'eof', properties: lightsUp(CLASS_COLOURS.eof, 60) },
  { from: 'Value #F', name: 'failed connects', properties: lightsUp('purple', 122) },
];

const byLabel = table({
  title: 'Compared by $label',
  description:
    'The same, by any label that the configuration gives its targets: choose it above. What do the dead have in common: a zone, a team, an address?',
  unit: 'none',
})
  .withTarget(rows(byTargetLabel(`${ofGroups('finrst_peer_up')} * 0 + 1`)))
  .withTarget(rows(byTargetLabel(ofGroups('finrst_peer_up'))))
  .withTarget(rows(byTargetLabel(endsInRange('error'))))
  .withTarget(rows(byTargetLabel(endsInRange('idle_timeout'))))
  .withTarget(rows(byTargetLabel(endsInRange('eof'))))
  .withTarget(rows(byTargetLabel(`increase(${ofGroups('finrst_connect_failures_total')}[$__range])`)))
  .transformations(
    joinColumns(LABEL_COLUMNS, { sortBy: 'Value #C', descending: true, required: 'Value #A' }, [
      'Time',
      ...LABEL_COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(LABEL_COLUMNS));

const abnormalByLabel = bars({
  title: 'Abnormal ends over time, by $label',
  description: 'Disconnects of class error and idle_timeout per minute, by the label chosen above.',
  unit: 'cpm',
}).withTarget(
  overTime(
    byTargetLabel(
      `60 * rate(${ofGroups('finrst_disconnects_total', 'class=~"error|idle_timeout"')}[$__rate_interval])`,
    ),
    '{{label_value}}',
  ),
);

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
  description:
    'Connections that we closed in the selected range: shutdown, removed, reconfigured, max_age, resharded, lease_expired.',
  unit: 'none',
})
  .overrides([colourByRegexp('/.*/', CLASS_COLOURS.local)])
  .withTarget(
    now(`sort_desc(sum by (reason) (increase(${ofGroups('finrst_local_closes_total')}[$__range])))`, '{{reason}}'),
  );

const CERTIFICATE_COLUMNS: readonly Column[] = [
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build(), { 'custom.minWidth': 150 }) },
  { from: 'group', name: 'group', properties: { 'custom.width': 130 } },
  {
    from: 'Value',
    name: 'expires in',
    properties: {
      unit: 'dtdurations',
      'custom.width': 170,
      'custom.cellOptions': { type: 'color-text' },
      color: { mode: 'thresholds' },
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: 'red' },
          { value: 7 * 86_400, color: 'orange' },
          { value: 30 * 86_400, color: 'green' },
        ],
      },
    },
  },
];

const certificates = table({
  title: 'Next certificates to expire',
  description: 'The ten peers whose presented chain ends its validity first.',
  unit: 'none',
})
  .noValue('No peer uses TLS.')
  .withTarget(
    rows(`bottomk(10, min by (group, peer) (${ofGroups('finrst_tls_certificate_expiry_timestamp_seconds')}) - time())`),
  )
  .transformations(
    joinColumns(CERTIFICATE_COLUMNS, { sortBy: 'Value', descending: false, required: 'peer' }, [
      'Time',
      ...CERTIFICATE_COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(CERTIFICATE_COLUMNS));

const traffic = lines({
  title: 'Bytes received, by group',
  description: 'Received bytes per second of all peers of a group. Silence across a group is a symptom of its own.',
  unit: 'Bps',
})
  .min(0)
  .withTarget(
    overTime(`sum by (group) (rate(${ofGroups('finrst_received_bytes_total')}[$__rate_interval]))`, '{{group}}'),
  );

/** Many groups or clusters: which differ, what dropped together, how long things stayed away. */
export function fleet(): Dashboard {
  return assemble({
    uid: UIDS.fleet,
    title: 'Finrst / Fleet',
    description: 'Which groups, zones or teams differ, what dropped together, and how long did it stay away?',
    variables: [datasourceVariable(), jobVariable(), instanceVariable(), groupsVariable(), targetLabelVariable()],
    bands: [
      { kind: 'band', height: 8, panels: [{ id: 1, width: 24, panel: groups }] },
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
          { id: 4, width: 12, panel: byLabel },
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
          { id: 10, width: 8, panel: certificates },
          { id: 11, width: 6, panel: traffic },
        ],
      },
    ],
  });
}
