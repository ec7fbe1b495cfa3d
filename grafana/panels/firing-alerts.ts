import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Column, columnOverrides, joinColumns, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow, linkToRunbookOfRow } from '../blocks/dashboard-links.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { firing } from '../blocks/selector.ts';
import { inOtherWords, SEVERITY_MAPPINGS } from '../blocks/value-mappings.ts';

const COLUMNS: readonly Column[] = [
  {
    from: 'severity',
    name: 'severity',
    properties: { 'custom.width': 90, mappings: SEVERITY_MAPPINGS, 'custom.cellOptions': { type: 'color-text' } },
  },
  { from: 'alertname', name: 'alert', properties: { 'custom.width': 232 } },
  {
    from: 'runbook',
    name: 'runbook',
    properties: linked(linkToRunbookOfRow().build(), {
      mappings: inOtherWords('what to do'),
      'custom.width': 100,
    }),
  },
  { from: 'cluster', name: 'cluster', properties: { 'custom.width': 90 } },
  { from: 'group', name: 'group', properties: { 'custom.width': 140 } },
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build()) },
  { from: 'class', name: 'class', properties: { 'custom.width': 100 } },
];

const LABELS = 'alertname, severity, cluster, namespace, job, group, peer, class';

/** Alerts of one severity, or of any, with a weight to sort by. */
const ofSeverity = (weight: number, severity = ''): string => {
  const further = severity === '' ? '' : `, severity="${severity}"`;
  return `${weight} * max by (${LABELS}) (${firing(`alertname=~"Finrst.+"${further}`)})`;
};

/** The label `runbook`: the section of docs/alerts.md, which has the name of the alert in small letters. */
const withRunbook = (alerts: string): string =>
  alertNames().reduce(
    (expr, name) => `label_replace(${expr}, "runbook", "${name.toLowerCase()}", "alertname", "${name}")`,
    alerts,
  );

function alertNames(): string[] {
  const file = new URL('../../deploy/rules/finrst.rules.yaml', import.meta.url);
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: { alert?: string }[] }[] };
  return [...new Set(groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])))];
}

/** The alerts of the shipped rules that fire now. */
export const firingAlerts = table({
  title: 'Alerts firing now',
  description:
    'From the alerting rules that ship with Finrst, as Prometheus itself reports them, the most severe first. Click a peer to open it.',
  unit: 'none',
})
  .noValue('No alert fires.')
  .withTarget(rows(withRunbook(`${ofSeverity(3, 'critical')} or ${ofSeverity(2, 'warning')} or ${ofSeverity(1)}`)))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value', descending: true, required: 'alertname' }, [
      'Time',
      'Value',
      'job',
      'namespace',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
