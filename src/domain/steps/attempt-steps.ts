import { nextDelay } from '../backoff.ts';
import type { Attempting, PeerHistory, StateOf } from '../connection-state.ts';
import type { Connected } from '../events/connection-events.ts';
import type { Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/** The connect rate let an attempt begin. */
export function beginAttempt(state: StateOf<'backoff'>, { connectionId }: InputOf<'attemptDue'>): Step {
  const attempting = { name: 'resolving', connectionId, history: state.history } as const;
  return enter(state, attempting, { type: 'dial', connectionId });
}

/** The attempt became a connection: failures and downtime end here, the backoff only when the connection has lived. */
export function established(state: StateOf<'handshaking'>, { facts, now }: InputOf<'established'>): Step {
  const { connectionId } = state;
  const { failuresInARow: failuresBefore } = state.history;
  const history: PeerHistory = { ...state.history, failuresInARow: 0, downSince: null };
  const event = { ...facts, failuresBefore, ...downBefore(state.history, now) };
  return enter(
    state,
    { name: 'established', connectionId, history },
    { type: 'emit', event },
    { type: 'hold', connectionId },
  );
}

function downBefore({ downSince, lastEndAt }: PeerHistory, now: number): Pick<Connected, 'downMs' | 'downtimeMs'> {
  if (downSince === null) return {};
  const downMs = now - downSince;
  return lastEndAt === null ? { downMs } : { downMs, downtimeMs: downMs };
}

/** The attempt failed: the next one follows after the next delay, and after the drain where a socket is open. */
export function attemptFailed(state: Attempting, input: InputOf<'attemptFailed'>): Step {
  const { connectionId } = state;
  const { facts, now, reconnect, drainMs } = input;
  const backoff = nextDelay(state.history.backoff, reconnect, input.random);
  const failuresInARow = state.history.failuresInARow + 1;
  const downSince = state.history.downSince ?? state.history.lastEndAt ?? now;
  const history: PeerHistory = { ...state.history, backoff, failuresInARow, downSince };
  const retryInMs = backoff.lastDelayMs;
  const failed = { type: 'emit', event: { ...facts, failuresInARow, retryInMs, downMs: now - downSince } } as const;
  const wait = backoffFor(history, now, retryInMs);
  const next = input.isOpen
    ? enter(
        state,
        { name: 'closing', connectionId, step: 'draining', retryAt: now + retryInMs, history },
        { type: 'close', connectionId, drainMs },
      )
    : enter(state, wait.state, wait.effect);
  return { state: next.state, effects: [failed, ...next.effects] };
}
