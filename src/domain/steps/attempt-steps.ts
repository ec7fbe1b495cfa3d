import { nextDelayMs } from '../backoff.ts';
import type { Attempting, PeerHistory, StateOf } from '../connection-state.ts';
import type { Connected } from '../events/connection-events.ts';
import type { Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/** The connect rate let an attempt begin. */
export function beginAttempt(state: StateOf<'backoff'>, { connectionId }: InputOf<'attemptDue'>): Step {
  const attempting = { name: 'resolving', connectionId, history: state.history, isOutdated: false } as const;
  return enter(state, attempting, { type: 'dial', connectionId });
}

/**
 * The attempt became a connection: failures and downtime end here, the backoff only when the connection has lived. One
 * whose settings have changed meanwhile is established all the same, and replaced at once.
 */
export function established(state: StateOf<'handshaking'>, { facts, now }: InputOf<'established'>): Step {
  const { connectionId } = state;
  const { failuresInARow: failuresBefore } = state.history;
  const history: PeerHistory = { ...state.history, failuresInARow: 0, downSince: null };
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

function downBefore({ downSince, lastEndAt }: PeerHistory, now: number): Pick<Connected, 'downMs' | 'downtimeMs'> {
  if (downSince === null) return {};
  const downMs = now - downSince;
  return lastEndAt === null ? { downMs } : { downMs, downtimeMs: downMs };
}

/** The attempt failed: the next one follows after the next delay; an open socket drains meanwhile. */
export function attemptFailed(state: Attempting, input: InputOf<'attemptFailed'>): Step {
  const { connectionId, history: before } = state;
  const { facts, now, reconnect, drainMs, isOpen } = input;
  const retryInMs = nextDelayMs(before.waits, reconnect, input.random);
  const failuresInARow = before.failuresInARow + 1;
  const downSince = before.downSince ?? before.lastEndAt ?? now;
  const draining = isOpen ? [...before.draining, connectionId] : before.draining;
  const history: PeerHistory = { ...before, waits: before.waits + 1, failuresInARow, downSince, draining };
  const event = { ...facts, failuresInARow, retryInMs, downMs: now - downSince };
  const wait = backoffFor(history, now, retryInMs);
  const next = enter(state, wait.state, wait.effect);
  const close = isOpen ? [{ type: 'close', connectionId, drainMs } as const] : [];
  return { state: next.state, effects: [{ type: 'emit', event }, ...next.effects, ...close] };
}
