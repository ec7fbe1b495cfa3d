import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLASS_COLOURS, CONNECTED_COLOUR, NEVER_CONNECTED_COLOUR } from './palette.ts';
import { type Scope, selector } from './selector.ts';

/** Worse is higher: where several things happened between two points of the chart, the worst is shown. */
const STATES = [
  { value: '0', text: 'not connected', color: NEVER_CONNECTED_COLOUR },
  { value: '1', text: 'closed by us', color: CLASS_COLOURS.local },
  { value: '2', text: 'connected', color: CONNECTED_COLOUR },
  { value: '3', text: 'eof', color: CLASS_COLOURS.eof },
  { value: '4', text: 'idle_timeout', color: CLASS_COLOURS.idle_timeout },
  { value: '5', text: 'error', color: CLASS_COLOURS.error },
] as const;

/** The words and colours of `peerState`. */
export const PEER_STATE_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(STATES.map(({ value, text, color }, index) => [value, { text, color, index }])),
  },
];

/** What peerState means, for the descriptions of the panels that show it. */
export const PEER_STATE_WORDS =
  'Blue: connected. Red, orange, green: an end of that class happened here, or the peer is still down since one. Grey: we closed the last connection. Purple: never connected since the start.';

const of = (family: string, scope: Scope, further?: string): string =>
  `max by (group, peer) (${selector(family, scope, further)})`;

function endedAs(disconnectClass: string, value: number, scope: Scope): string {
  const ends = selector('finrst_disconnects_total', scope, `class="${disconnectClass}"`);
  return `${value} * (sum by (group, peer, class) (increase(${ends}[$__rate_interval])) > bool 0)`;
}

/**
 * While down, the class of the last disconnect: the counters say nothing more once the rate interval has passed. Only if
 * that disconnect is what ended the last connection; after a local close the last disconnect is an older story.
 */
function downSince(disconnectClass: string, value: number, scope: Scope): string {
  const last = selector('finrst_last_disconnect_info', scope, `class="${disconnectClass}"`);
  return `(${value} * max by (group, peer, class, reason) (${last})
    and on (group, peer) ${of('finrst_last_disconnect_timestamp_seconds', scope)} >= ${of('finrst_connection_established_timestamp_seconds', scope)}
    unless on (group, peer) ${of('finrst_peer_up', scope)} == 1)`;
}

/**
 * One series per peer: connected, or the class of the end that happened at this point or still lasts. Ends come from the
 * counters, so one that was mended between two scrapes is seen as well; a peer that was removed ends at once, although its
 * counters still have an increase for a while.
 */
export function peerState(scope: Scope): string {
  return `max by (group, peer) (
    ${endedAs('error', 5, scope)}
    or ${endedAs('idle_timeout', 4, scope)}
    or ${endedAs('eof', 3, scope)}
    or ${downSince('error', 5, scope)}
    or ${downSince('idle_timeout', 4, scope)}
    or ${downSince('eof', 3, scope)}
    or label_replace(2 * ${of('finrst_peer_up', scope)}, "is", "up", "peer", ".*")
    or ${of('finrst_connection_established_timestamp_seconds', scope)} > bool 0
  ) and on (group, peer) ${of('finrst_peer_up', scope)}`;
}
