import { afterConnection, nextDelay } from '../backoff.ts';
import type { Closing, PeerHistory, StateOf } from '../connection-state.ts';
import type { Disconnected, LocalClosed } from '../events/connection-events.ts';
import type { Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/** The connection ended: it is reported with the wait before the next attempt, and its socket is closed in order. */
export function connectionEnded(state: StateOf<'established'>, input: InputOf<'ended'>): Step {
  const { connectionId, event, now, drainMs } = input;
  const { history, delayMs } = afterEnd(state.history, input);
  const emit = { type: 'emit', event: withRetry(event, delayMs) } as const;
  const next = enter(
    state,
    { name: 'closing', connectionId, step: 'draining', retryAt: now + delayMs, history },
    { type: 'close', connectionId, drainMs },
  );
  return { state: next.state, effects: [emit, ...next.effects] };
}

/** We chose to end it, so the next attempt may begin at once, and the peer is down only if that fails. */
function afterEnd(before: PeerHistory, { event, now, reconnect, random }: InputOf<'ended'>) {
  const backoff = afterConnection(before.backoff, event.durationMs);
  if (event.type === 'localClosed') return { history: { ...before, backoff, lastEndAt: now }, delayMs: 0 };
  const after = nextDelay(backoff, reconnect, random);
  return { history: { ...before, backoff: after, lastEndAt: now, downSince: now }, delayMs: after.lastDelayMs };
}

function withRetry(event: Disconnected | LocalClosed, retryInMs: number): Disconnected | LocalClosed {
  return event.type === 'disconnected' ? { ...event, retryInMs } : event;
}

/** The end that a stop asked for: it is reported, and no attempt follows. */
export function endedByStop(
  { connectionId, drainMs }: Extract<Closing, { readonly step: 'ending' }>,
  { event }: InputOf<'ended'>,
): Step {
  return {
    state: { name: 'closing', connectionId, step: 'drainingToStop' },
    effects: [
      { type: 'emit', event },
      { type: 'close', connectionId, drainMs },
    ],
  };
}

/** The socket is released: the drain counts into the wait, and a `reconnect.max` that is shorter now cuts the rest. */
export function drained(state: Closing, { now, reconnect }: InputOf<'drained'>): Step {
  switch (state.step) {
    case 'ending':
      return { state, effects: [] };
    case 'drainingToStop':
      return enter(state, { name: 'stopped' }, { type: 'reportStopped' });
    case 'draining': {
      const wait = backoffFor(state.history, now, Math.min(state.retryAt - now, reconnect.maxMs));
      return enter(state, wait.state, wait.effect);
    }
  }
}
