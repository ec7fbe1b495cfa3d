import { type Column, columnOverrides, joinColumns, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow } from '../blocks/dashboard-links.ts';
import { table } from '../blocks/panels.ts';
import { SEVERITY_COLOURS } from '../blocks/palette.ts';
import { rows } from '../blocks/queries.ts';
import { ofGroups, PEER } from '../blocks/selector.ts';

const DAY_SECONDS = 86_400;

/** When the alert FinrstCertificateExpiring is critical, and when it warns. */
export const expiry: readonly (readonly [number | null, string])[] = [
  [null, SEVERITY_COLOURS.critical],
  [2 * DAY_SECONDS, SEVERITY_COLOURS.warning],
  [14 * DAY_SECONDS, 'text'],
];

const COLUMNS: readonly Column[] = [
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build(), { 'custom.minWidth': 150 }) },
  { from: 'group', name: 'group', properties: { 'custom.width': 130 } },
  { from: 'cluster', name: 'cluster', properties: { 'custom.width': 90 } },
  {
    from: 'Value #A',
    name: 'expires in',
    properties: {
      unit: 'dtdurations',
      'custom.width': 170,
      'custom.cellOptions': { type: 'color-text' },
      color: { mode: 'thresholds' },
      thresholds: {
        mode: 'absolute',
        steps: expiry.map(([value, color]) => ({ value, color })),
      },
    },
  },
  { from: 'Value #B', name: 'read before', properties: { unit: 'dtdurations', decimals: 1, 'custom.width': 110 } },
];

/** The peers whose certificates end first. */
export const expiringCertificates = table({
  title: 'Next certificates to expire',
  description:
    'The ten peers of whose certificates one ends first: of those that the verification used, or of all presented ones where it failed or is off. "read before" is the time since they were read.',
  unit: 'none',
})
  .noValue('No peer uses TLS.')
  .withTarget(
    rows(`bottomk(10, min by (${PEER}) (${ofGroups('finrst_tls_certificate_expiry_timestamp_seconds')}) - time())`),
  )
  .withTarget(rows(`time() - max by (${PEER}) (${ofGroups('finrst_tls_handshake_timestamp_seconds')})`))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value #A', descending: false, required: 'Value #A' }, [
      'Time',
      'job',
      'namespace',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
