import { type Column, columnOverrides, joinColumns } from '../blocks/columns.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { SEVERITY_MAPPINGS } from '../blocks/value-mappings.ts';

const COLUMNS: readonly Column[] = [
  {
    from: 'severity',
    name: 'severity',
    properties: { 'custom.width': 100, mappings: SEVERITY_MAPPINGS, 'custom.cellOptions': { type: 'color-text' } },
  },
  { from: 'alertname', name: 'alert', properties: { 'custom.width': 260 } },
  { from: 'group', name: 'group', properties: { 'custom.width': 150 } },
  { from: 'peer', name: 'peer' },
  { from: 'class', name: 'class', properties: { 'custom.width': 110 } },
];

/** Alerts of one severity, or of any, with a weight to sort by. */
const ofSeverity = (weight: number, severity = ''): string => {
  const further = severity === '' ? '' : `, severity="${severity}"`;
  return `${weight} * max by (alertname, severity, group, peer, class) (ALERTS{alertstate="firing", alertname=~"Finrst.+"${further}})`;
};

/** The alerts of the shipped rules that fire now. */
export const firingAlerts = table({
  title: 'Alerts firing now',
  description:
    'From the alerting rules that ship with Finrst, as Prometheus itself reports them, the most severe first.',
  unit: 'none',
})
  .noValue('No alert fires.')
  .withTarget(rows(`${ofSeverity(3, 'critical')} or ${ofSeverity(2, 'warning')} or ${ofSeverity(1)}`))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value', descending: true, required: 'alertname' }, [
      'Time',
      'Value',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
