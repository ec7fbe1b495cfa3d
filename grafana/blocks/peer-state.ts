import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLASS_COLOURS, CONNECTED_COLOUR, NEVER_CONNECTED_COLOUR } from './palette.ts';
import type { Scope } from './selector.ts';
import { selector } from './selector.ts';

/** Worse is higher: where several things happened between two points of the chart, the worst is shown. */
const STATES = [
  { value: '0', text: 'not connected', color: NEVER_CONNECTED_COLOUR },
  { value: '1', text: 'connected', color: CONNECTED_COLOUR },
  { value: '2', text: 'eof', color: CLASS_COLOURS.eof },
  { value: '3', text: 'idle_timeout', color: CLASS_COLOURS.idle_timeout },
  { value: '4', text: 'error', color: CLASS_COLOURS.error },
] as const;

/** The words and colours of `peerState`. */
export const PEER_STATE_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(STATES.map(({ value, text, color }, index) => [value, { text, color, index }])),
  },
];

function endedAs(disconnectClass: string, value: number, scope: Scope): string {
  const ends = selector('finrst_disconnects_total', scope, `class="${disconnectClass}"`);
  return `${value} * (sum by (group, peer, class) (increase(${ends}[$__rate_interval])) > bool 0)`;
}

/** While down, the class of the last disconnect; the counters say nothing more once the rate interval has passed. */
function downSince(disconnectClass: string, value: number, scope: Scope): string {
  const last = selector('finrst_last_disconnect_info', scope, `class="${disconnectClass}"`);
  return `(${value} * max by (group, peer, class, reason) (${last}) unless on (group, peer) max by (group, peer) (${selector('finrst_peer_up', scope)}) == 1)`;
}

/**
 * One series per peer: connected, or the class of the end that happened at this point or still lasts. Ends come from the
 * counters, so one that was mended between two scrapes is seen as well.
 */
export function peerState(scope: Scope): string {
  return `max by (group, peer) (
    ${endedAs('error', 4, scope)}
    or ${endedAs('idle_timeout', 3, scope)}
    or ${endedAs('eof', 2, scope)}
    or ${downSince('error', 4, scope)}
    or ${downSince('idle_timeout', 3, scope)}
    or ${downSince('eof', 2, scope)}
    or max by (group, peer) (${selector('finrst_peer_up', scope)})
  )`;
}
