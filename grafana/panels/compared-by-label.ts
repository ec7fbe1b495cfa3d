import { type Column, columnOverrides, joinColumns, lightsUp } from '../blocks/columns.ts';
import { CLASS_COLOURS, NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { bars, table } from '../blocks/panels.ts';
import { overTime, rows } from '../blocks/queries.ts';
import { endsInRange, inStep, ofGroups } from '../blocks/selector.ts';

const HELD_PEER = 'cluster, namespace, job, instance, group, peer';

/**
 * Each peer with the value of the chosen label as `label_value`. It is renamed before the join: one cannot join on `group`
 * and bring `group` along.
 */
const VALUES = `max by (${HELD_PEER}, label_value) (label_replace(label_replace(
    ${ofGroups('finrst_peer_info')},
    "label_value", "$1", "$label", "(.*)"), "label_value", "(none)", "label_value", ""))`;

/** Sums a number of each peer by the value of the chosen label. */
const byTargetLabel = (perPeer: string): string =>
  `sum by (label_value) (sum by (${HELD_PEER}) (${perPeer}) * on (${HELD_PEER}) group_left(label_value) ${VALUES})`;

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
  { from: 'Value #F', name: 'failed connects', properties: lightsUp(NOT_CONNECTED_COLOUR, 122) },
];

/** One row per value of the chosen label, the most errors first. */
export const comparedByLabel = table({
  title: 'Compared by $label',
  description:
    'The same, by any label that the configuration gives its targets: choose it above. What do the dead have in common: a zone, a team, a cluster?',
  unit: 'none',
})
  .withTarget(rows(`sum by (label_value) (${VALUES})`))
  .withTarget(rows(byTargetLabel(ofGroups('finrst_peer_up'))))
  .withTarget(rows(byTargetLabel(endsInRange('error', 'groups'))))
  .withTarget(rows(byTargetLabel(endsInRange('idle_timeout', 'groups'))))
  .withTarget(rows(byTargetLabel(endsInRange('eof', 'groups'))))
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
  description: 'Disconnects of class error and idle_timeout in each step of the chart, by the label chosen above.',
}).withTarget(
  overTime(
    byTargetLabel(inStep(ofGroups('finrst_disconnects_total', 'class=~"error|idle_timeout"'))),
    '{{label_value}}',
  ),
);
