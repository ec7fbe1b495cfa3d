import { type Column, columnOverrides, joinColumns, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow } from '../blocks/dashboard-links.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { ofGroups } from '../blocks/selector.ts';

const COLUMNS: readonly Column[] = [
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build(), { 'custom.minWidth': 150 }) },
  { from: 'group', name: 'group', properties: { 'custom.width': 130 } },
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
        steps: [
          { value: null, color: 'red' },
          { value: 7 * 86_400, color: 'orange' },
          { value: 30 * 86_400, color: 'green' },
        ],
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
    rows(`bottomk(10, min by (group, peer) (${ofGroups('finrst_tls_certificate_expiry_timestamp_seconds')}) - time())`),
  )
  .withTarget(rows(`time() - max by (group, peer) (${ofGroups('finrst_tls_handshake_timestamp_seconds')})`))
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value #A', descending: false, required: 'Value #A' }, [
      'Time',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
