import { type Column, columnOverrides, joinColumns, lightsUp, linked } from '../blocks/columns.ts';
import { linkToGroup } from '../blocks/dashboard-links.ts';
import { quantile } from '../blocks/histograms.ts';
import { CLASS_COLOURS, NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { endsOfGroupsInRange, ofGroups } from '../blocks/selector.ts';
import { CONNECTED_OBJECTIVE, shareOfTime } from './time-connected.ts';

/** A row for each of these. */
const BY = 'cluster, group';

const inRange = (share: number, family: string, further?: string): string =>
  `(${quantile(share, BY, { family, scope: 'groups', window: '$__range', ...(further === undefined ? {} : { further }) })}) >= 0`;

const share = { unit: 'percentunit', decimals: 1, 'custom.width': 130 } as const;

const COLUMNS: readonly Column[] = [
  { from: 'group', name: 'group', properties: linked(linkToGroup('row').build(), { 'custom.minWidth': 140 }) },
  { from: 'cluster', name: 'cluster', properties: { 'custom.width': 90 } },
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
          { value: null, color: NOT_CONNECTED_COLOUR },
          { value: CONNECTED_OBJECTIVE, color: 'text' },
        ],
      },
    },
  },
  { from: 'Value #D', name: 'error', properties: lightsUp(CLASS_COLOURS.error, 90) },
  { from: 'Value #E', name: 'idle_timeout', properties: lightsUp(CLASS_COLOURS.idle_timeout, 110) },
  { from: 'Value #F', name: 'eof', properties: lightsUp(CLASS_COLOURS.eof, 90) },
  { from: 'Value #G', name: 'failed connects', properties: lightsUp(NOT_CONNECTED_COLOUR, 130) },
  { from: 'Value #H', name: 'connects', properties: { 'custom.width': 100 } },
  { from: 'Value #I', name: 'median age at end', properties: { unit: 's', decimals: 1, 'custom.width': 150 } },
  { from: 'Value #J', name: 'p95 downtime', properties: { unit: 's', decimals: 1, 'custom.width': 130 } },
  { from: 'Value #K', name: 'p95 connect', properties: { unit: 's', decimals: 1, 'custom.width': 130 } },
];

/** One row per group, the least connected first. */
export const groupsCompared = table({
  title: 'Groups compared',
  description:
    'One row per group over the selected range. Ages and downtimes are estimated from histogram buckets. Click a group for its overview.',
  unit: 'none',
})
  .withTarget(rows(`sum by (${BY}) (${ofGroups('finrst_peers')})`))
  .withTarget(rows(`sum by (${BY}) (${ofGroups('finrst_peers', 'state="established"')})`))
  .withTarget(rows(shareOfTime('groups', BY)))
  .withTarget(rows(`sum by (${BY}) (${endsOfGroupsInRange('error')})`))
  .withTarget(rows(`sum by (${BY}) (${endsOfGroupsInRange('idle_timeout')})`))
  .withTarget(rows(`sum by (${BY}) (${endsOfGroupsInRange('eof')})`))
  .withTarget(rows(`sum by (${BY}) (increase(${ofGroups('finrst_connect_failures_by_reason_total')}[$__range]))`))
  .withTarget(rows(`sum by (${BY}) (increase(${ofGroups('finrst_connections_total')}[$__range]))`))
  .withTarget(rows(inRange(0.5, 'finrst_connection_duration_seconds', 'class!="local"')))
  .withTarget(rows(inRange(0.95, 'finrst_downtime_seconds')))
  .withTarget(rows(inRange(0.95, 'finrst_connect_duration_seconds', 'phase="total"')))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value #C', descending: false, required: 'Value #A' }, [
      'Time',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
