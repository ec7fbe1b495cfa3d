import { type Column, columnOverrides, joinColumns, lightsUp } from '../blocks/columns.ts';
import { CLASS_COLOURS } from '../blocks/palette.ts';
import { bars, table } from '../blocks/panels.ts';
import { overTime, rows } from '../blocks/queries.ts';
import { endsInRange, ofGroups } from '../blocks/selector.ts';

/** The value of the chosen label as `label_value`, joined to a number by the peer that both are about. */
const byTargetLabel = (perPeer: string): string =>
  `sum by (label_value) (label_replace(label_replace(
    sum by (job, instance, group, peer) (${perPeer})
      * on (job, instance, group, peer) group_left($label) ${ofGroups('finrst_peer_info')},
    "label_value", "$1", "$label", "(.*)"), "label_value", "(none)", "label_value", ""))`;

const COLUMNS: readonly Column[] = [
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

/** One row per value of the chosen label, the most errors first. */
export const comparedByLabel = table({
  title: 'Compared by $label',
  description:
    'The same, by any label that the configuration gives its targets: choose it above. What do the dead have in common: a zone, a team, a cluster?',
  unit: 'none',
})
  .withTarget(rows(byTargetLabel(`increase(${ofGroups('finrst_connections_total')}[$__rate_interval]) * 0 + 1`)))
  .withTarget(rows(byTargetLabel(ofGroups('finrst_peer_up'))))
  .withTarget(rows(byTargetLabel(endsInRange('error'))))
  .withTarget(rows(byTargetLabel(endsInRange('idle_timeout'))))
  .withTarget(rows(byTargetLabel(endsInRange('eof'))))
  .withTarget(rows(byTargetLabel(`increase(${ofGroups('finrst_connect_failures_total')}[$__range])`)))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value #C', descending: true, required: 'Value #A' }, [
      'Time',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));

/** Abnormal ends of each value of the chosen label. */
export const abnormalByLabel = bars({
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
