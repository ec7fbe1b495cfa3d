import type { ConnectionState, PeerHistory } from '../connection-state.ts';
import type { ConnectionEffect, Step } from './connection-effect.ts';

/** A step into another state: it is reported first, then `effects` are run. */
export function enter(from: ConnectionState, to: ConnectionState, ...effects: readonly ConnectionEffect[]): Step {
  return { state: to, effects: [{ type: 'reportState', from: from.name, state: to.name }, ...effects] };
}

/** The wait of a peer in `backoff` that has this long to wait from `now`, none included. */
export function backoffFor(
  history: PeerHistory,
  now: number,
  delayMs: number,
): { readonly state: ConnectionState; readonly effect: ConnectionEffect } {
  if (delayMs <= 0)
    return { state: { name: 'backoff', history, waitsUntil: null }, effect: { type: 'queueForConnectRate' } };
  const until = now + delayMs;
  return { state: { name: 'backoff', history, waitsUntil: until }, effect: { type: 'wait', until } };
}
