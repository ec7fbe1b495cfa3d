import { nextDelayMs, refusedDelayMs } from '../backoff.ts';
import { slowsDown } from '../goodbye.ts';
import type { Attempting, PeerHistory, Refusals, StateOf } from '../connection-state.ts';
import type { Connected } from '../events/connection-events.ts';
import type { Step } from './connection-effect.ts';
import type { ConnectFailedFacts, InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/** The connect rate let an attempt begin. */
export function beginAttempt(state: StateOf<'backoff'>, { connectionId }: InputOf<'attemptDue'>): Step {
  const attempting = {
    name: 'resolving',
    connectionId,
    history: { ...state.history, hasMoved: false },
    isOutdated: false,
  } as const;
  return enter(state, attempting, { type: 'dial', connectionId });
}

/**
 * The attempt became a connection: failures and downtime end here, the backoff only when the connection has lived. One
 * whose settings have changed meanwhile is established all the same, and replaced at once.
 */
export function established(state: StateOf<'handshaking'>, { facts, now }: InputOf<'established'>): Step {
  const { connectionId } = state;
  const { failuresInARow: failuresBefore } = state.history;
  const { refused: _, ...before } = state.history;
  const history: PeerHistory = { ...before, failuresInARow: 0, downSince: null };
  const event = { ...facts, failuresBefore, ...downBefore(state.history, now) };
  const { state: next, effects } = enter(
    state,
    { name: 'established', connectionId, history },
    { type: 'emit', event },
    { type: 'hold', connectionId },
  );
  if (!state.isOutdated) return { state: next, effects };
  return { state: next, effects: [...effects, { type: 'endConnection', connectionId, reason: 'reconfigured' }] };
}

function downBefore({ downSince, downFrom }: PeerHistory, now: number): Pick<Connected, 'downMs' | 'downtimeMs'> {
  if (downSince === null) return {};
  const downMs = now - downSince;
  return downFrom === null ? { downMs } : { downMs, downtimeMs: downMs };
}

/** How often the server has said this now; null: it said nothing that repetition makes worse. */
function refusedBy({ goodbye }: ConnectFailedFacts, { refused, hasMoved }: PeerHistory): Refusals | null {
  if (hasMoved || goodbye === undefined || !slowsDown(goodbye)) return null;
  return { goodbye, times: refused?.goodbye === goodbye ? refused.times + 1 : 1 };
}

function retryAfter(
  before: PeerHistory,
  refused: Refusals | null,
  { reconnect, random }: InputOf<'attemptFailed'>,
): number {
  if (before.hasMoved) return 0;
  if (refused !== null) return refusedDelayMs(refused.times - 1, reconnect, random);
  return nextDelayMs(before.waits, reconnect, random);
}

/** The attempt failed: the next one follows after the next delay, at once where the address is another one; an open socket drains meanwhile. */
export function attemptFailed(state: Attempting, input: InputOf<'attemptFailed'>): Step {
  const { connectionId, history: before } = state;
  const { facts, now, drainMs, isOpen } = input;
  const refused = refusedBy(facts, before);
  const retryInMs = retryAfter(before, refused, input);
  const waits = before.hasMoved ? 0 : before.waits + 1;
  const failuresInARow = before.failuresInARow + 1;
  const downSince = before.downSince ?? before.downFrom ?? now;
  const draining = isOpen ? [...before.draining, connectionId] : before.draining;
  const { refused: _, ...kept } = before;
  const again = refused === null ? {} : { refused };
  const history: PeerHistory = { ...kept, waits, failuresInARow, downSince, draining, ...again };
  const event = { ...facts, failuresInARow, retryInMs, downMs: now - downSince };
  const wait = backoffFor(history, now, retryInMs);
  const next = enter(state, wait.state, wait.effect);
  const close = isOpen ? [{ type: 'close', connectionId, drainMs } as const] : [];
  return { state: next.state, effects: [{ type: 'emit', event }, ...next.effects, ...close] };
}
