import { type Column, columnOverrides, joinColumns, lightsUp, linked } from '../blocks/columns.ts';
import { linkToPeerOfRow } from '../blocks/dashboard-links.ts';
import { CLASS_COLOURS } from '../blocks/palette.ts';
import { table } from '../blocks/panels.ts';
import { rows } from '../blocks/queries.ts';
import { endsInRange, ofGroups } from '../blocks/selector.ts';
import { worstFirst } from '../blocks/trouble.ts';
import { UP_DOWN_MAPPINGS } from '../blocks/value-mappings.ts';

const COLUMNS: readonly Column[] = [
  { from: 'peer', name: 'peer', properties: linked(linkToPeerOfRow().build(), { 'custom.minWidth': 180 }) },
  { from: 'group', name: 'group', properties: { 'custom.width': 122 } },
  {
    from: 'Value #B',
    name: 'now',
    properties: {
      mappings: UP_DOWN_MAPPINGS,
      'custom.width': 84,
      'custom.cellOptions': { type: 'color-text' },
    },
  },
  { from: 'Value #H', name: 'down for', properties: { unit: 's', decimals: 1, 'custom.width': 84 } },
  { from: 'reason', name: 'last end', properties: { 'custom.width': 112 } },
  { from: 'Value #D', name: 'error', properties: lightsUp(CLASS_COLOURS.error, 62) },
  { from: 'Value #E', name: 'idle_timeout', properties: lightsUp(CLASS_COLOURS.idle_timeout, 100) },
  { from: 'Value #F', name: 'eof', properties: lightsUp(CLASS_COLOURS.eof, 54) },
  { from: 'Value #G', name: 'failed', properties: lightsUp('purple', 64) },
];

const SOURCES = ['Time', 'Value #A', 'Value #C', ...COLUMNS.map(({ from }) => from)];

/** The peers to look at first, each with a link. */
export const worstPeers = table({
  title: 'Worst peers',
  description:
    'Up to 20 peers: those that are down now, then those whose connections ended most often in the selected range, then those with the most failed connects. "down for" is the time without a connection in the range, "last end" the reason of the last disconnect, "failed" counts attempts that did not become a connection. Click a peer to open it.',
  unit: 'none',
})
  .withTarget(rows(`topk(20, ${worstFirst()})`))
  .withTarget(rows(`max by (group, peer) (${ofGroups('finrst_peer_up')})`))
  .withTarget(rows(`max by (group, peer, reason) (${ofGroups('finrst_last_disconnect_info')})`))
  .withTarget(rows(`sum by (group, peer) (${endsInRange('error')})`))
  .withTarget(rows(`sum by (group, peer) (${endsInRange('idle_timeout')})`))
  .withTarget(rows(`sum by (group, peer) (${endsInRange('eof')})`))
  .withTarget(rows(`sum by (group, peer) (increase(${ofGroups('finrst_connect_failures_total')}[$__range]))`))
  .withTarget(rows(`max by (group, peer) (increase(${ofGroups('finrst_peer_down_seconds_total')}[$__range]))`))
  .transformations(joinColumns(COLUMNS, { sortBy: 'Value #A', descending: true, required: 'Value #A' }, SOURCES))
  .overrides(columnOverrides(COLUMNS));
