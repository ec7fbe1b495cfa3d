import { type Column, columnOverrides, joinColumns, lightsUp, linked } from '../blocks/columns.ts';
import { linkToGroup } from '../blocks/dashboard-links.ts';
import { CLASS_COLOURS } from '../blocks/palette.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { endsInRange, ofGroups } from '../blocks/selector.ts';

const bucketsInRangeOf = (family: string, further?: string): string =>
  `sum by (group, le) (increase(${ofGroups(`${family}_bucket`, further)}[$__range]))`;

const share = { unit: 'percentunit', decimals: 1, 'custom.width': 130 } as const;

const COLUMNS: readonly Column[] = [
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

/** One row per group, the least connected first. */
export const groupsCompared = table({
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
    joinColumns(COLUMNS, { sortBy: 'Value #C', descending: false, required: 'Value #A' }, [
      'Time',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
