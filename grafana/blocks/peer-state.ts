import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLASS_COLOURS, CONNECTED_COLOUR, NOT_CONNECTED_COLOUR, NOT_TRIED_COLOUR } from './palette.ts';
import { type Scope, PEER, recorded, selector } from './selector.ts';

/**
 * The values of the recording rule `peer:finrst_state`. Worse is higher: where several things happened between two points
 * of a chart, the worst is shown.
 */
export const PEER_STATES = {
  notTried: { value: 0, text: 'not tried yet', color: NOT_TRIED_COLOUR },
  connected: { value: 1, text: 'connected', color: CONNECTED_COLOUR },
  local: { value: 2, text: 'closed by us, or its end announced', color: CLASS_COLOURS.local },
  notConnected: { value: 3, text: 'not connected', color: NOT_CONNECTED_COLOUR },
  eof: { value: 4, text: 'eof', color: CLASS_COLOURS.eof },
  idle_timeout: { value: 5, text: 'idle_timeout', color: CLASS_COLOURS.idle_timeout },
  error: { value: 6, text: 'error', color: CLASS_COLOURS.error },
} as const;

/** The words and colours of the states. */
export const PEER_STATE_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.values(PEER_STATES).map(({ value, text, color }, index) => [`${value}`, { text, color, index }]),
    ),
  },
];

/** What the colours of the states mean, for the descriptions of the panels that show them. */
export const PEER_STATE_WORDS =
  'Blue: connected. Red, orange, green: an end of that class happened here, or the peer is still down since one. Grey: we closed the last connection, or its end was announced and nothing is held; (darker) no attempt has an outcome yet. Purple: not connected, and never was since the start.';

const { notTried, connected, local, notConnected } = PEER_STATES;
const CLASSES = ['error', 'idle_timeout', 'eof'] as const;

const of = (family: string, scope: Scope): string => `max by (${PEER}) (${selector(family, scope)})`;

/**
 * The state of each of the worst peers: as the rule recorded it, and where there is nothing recorded whether it is connected,
 * which is all that one series can say. The second half is written so that it costs nothing where the first has values.
 */
export function stateOfWorst(): string {
  const state = recorded('peer:finrst_state', 'peer=~"$worst"');
  const up = `(${selector('finrst_peer_up', 'worst')} unless on () ${state})`;
  return `max_over_time(${state}[$__rate_interval])
    or max by (${PEER}) (${notConnected.value} - ${notConnected.value - connected.value} * ${up})`;
}

/**
 * The state of one peer, made from its own series, so that it needs no rule: connected, or the class of the end that happened
 * at this point or still lasts. Ends come from the counters, so one that was mended between two scrapes is seen as well; a
 * peer that was removed ends at once, although its counters still have an increase for a while.
 */
export function stateOfPeer(): string {
  const up = of('finrst_peer_up', 'peer');
  const established = of('finrst_connection_established_timestamp_seconds', 'peer');
  return `max by (${PEER}) (
    ${CLASSES.map((name) => `${endedAs(name)} or ${downSince(name, up, established)}`).join(' or ')}
    or label_replace(
      ${up} == ${connected.value}
      or on (${PEER}) (${notConnected.value} - ${notConnected.value - local.value} * (${established} > bool 0)) and on (${PEER}) ${up} == 0
      or on (${PEER}) ${up} + ${notConnected.value}
      or on (${PEER}) ${established} * ${notTried.value}, "is", "state", "", "")
  ) and on (${PEER}) (${up} or on (${PEER}) ${established})`;
}

function endedAs(name: (typeof CLASSES)[number]): string {
  const ends = selector('finrst_disconnects_total', 'peer', `class="${name}"`);
  return `${PEER_STATES[name].value} * (sum by (${PEER}, class) (increase(${ends}[$__rate_interval])) > bool 0)`;
}

/**
 * While down, the class of the last disconnect: the counters say nothing more once the rate interval has passed. Only if
 * that disconnect is what ended the last connection; after a local close the last disconnect is an older one.
 */
function downSince(name: (typeof CLASSES)[number], up: string, established: string): string {
  const last = selector('finrst_last_disconnect_info', 'peer', `class="${name}"`);
  return `(${PEER_STATES[name].value} * max by (${PEER}, class, reason) (${last})
    and on (${PEER}) ${of('finrst_last_disconnect_timestamp_seconds', 'peer')} >= ${established}
    unless on (${PEER}) ${up} == 1
    unless on (${PEER}) ${of('finrst_peer_announced', 'peer')} == 1)`;
}
