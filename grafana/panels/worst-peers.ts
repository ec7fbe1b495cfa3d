import { type Column, columnOverrides, joinColumns, lightsUp, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow } from '../blocks/dashboard-links.ts';
import { CLASS_COLOURS, NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { endsInRange, PEER, selector } from '../blocks/selector.ts';
import { worstFirst } from '../blocks/trouble.ts';
import { UP_DOWN_MAPPINGS } from '../blocks/value-mappings.ts';

const ofWorst = (family: string): string => selector(family, 'worst');

const COLUMNS: readonly Column[] = [
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build(), { 'custom.minWidth': 160 }) },
  { from: 'group', name: 'group', properties: { 'custom.width': 124 } },
  { from: 'cluster', name: 'cluster', properties: { 'custom.width': 80 } },
  {
    from: 'Value #B',
    name: 'now',
    properties: {
      mappings: UP_DOWN_MAPPINGS,
      'custom.width': 82,
      'custom.cellOptions': { type: 'color-text' },
    },
  },
  { from: 'Value #H', name: 'down for', properties: { unit: 's', decimals: 0, 'custom.width': 80 } },
  { from: 'failure', name: 'connect fails', properties: { 'custom.width': 156 } },
  { from: 'reason', name: 'last end', properties: { 'custom.width': 106 } },
  { from: 'Value #D', name: 'error', properties: lightsUp(CLASS_COLOURS.error, 54) },
  { from: 'Value #E', name: 'idle_timeout', properties: lightsUp(CLASS_COLOURS.idle_timeout, 92) },
  { from: 'Value #F', name: 'eof', properties: lightsUp(CLASS_COLOURS.eof, 46) },
  { from: 'Value #G', name: 'failed', properties: lightsUp(NOT_CONNECTED_COLOUR, 60) },
];

const SOURCES = ['Time', 'Value #A', 'Value #C', 'Value #I', 'job', 'namespace', ...COLUMNS.map(({ from }) => from)];

/** Why it is down now, as one label: a table cannot put two together. */
const whyDown = `max by (${PEER}, failure) (label_join(${ofWorst('finrst_last_connect_failure_info')}, "failure", "/", "phase", "reason"))`;

/** The peers to look at first, each with a link. */
export const worstPeers = table({
  title: 'Worst peers',
  description:
    'Those that are down now, then those whose connections ended most often in the selected range, then those with the most failed connects. "down for" is the time without a connection in the range, "connect fails" why it is down now, "last end" the reason of the last disconnect, "failed" counts attempts that did not become a connection. Click a peer to open it.',
  unit: 'none',
})
  .noValue('Nothing happened to any peer.')
  .withTarget(rows(`${worstFirst('worst')} > 0`))
  .withTarget(rows(`max by (${PEER}) (${ofWorst('finrst_peer_up')})`))
  .withTarget(rows(`max by (${PEER}, reason) (${ofWorst('finrst_last_disconnect_info')})`))
  .withTarget(rows(`sum by (${PEER}) (${endsInRange('error', 'worst')})`))
  .withTarget(rows(`sum by (${PEER}) (${endsInRange('idle_timeout', 'worst')})`))
  .withTarget(rows(`sum by (${PEER}) (${endsInRange('eof', 'worst')})`))
  .withTarget(rows(`sum by (${PEER}) (increase(${ofWorst('finrst_connect_failures_total')}[$__range]))`))
  .withTarget(rows(`max by (${PEER}) (increase(${ofWorst('finrst_peer_down_seconds_total')}[$__range]))`))
  .withTarget(rows(whyDown))
  .transformations(joinColumns(COLUMNS, { sortBy: 'Value #A', descending: true, required: 'Value #A' }, SOURCES))
  .overrides(columnOverrides(COLUMNS));
