import { type Column, columnOverrides, joinColumns, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow } from '../blocks/dashboard-links.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { ofGroups } from '../blocks/selector.ts';

const COLUMNS: readonly Column[] = [
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

/** The peers whose certificates end first. */
export const expiringCertificates = table({
  title: 'Next certificates to expire',
  description: 'The ten peers whose presented chain ends its validity first.',
  unit: 'none',
})
  .noValue('No peer uses TLS.')
  .withTarget(
    rows(`bottomk(10, min by (group, peer) (${ofGroups('finrst_tls_certificate_expiry_timestamp_seconds')}) - time())`),
  )
  .transformations(
    joinColumns(COLUMNS, { sortBy: 'Value', descending: false, required: 'peer' }, [
      'Time',
      ...COLUMNS.map(({ from }) => from),
    ]),
  )
  .overrides(columnOverrides(COLUMNS));
