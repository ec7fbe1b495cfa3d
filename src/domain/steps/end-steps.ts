import { nextDelayMs, waitsAfterConnection } from '../backoff.ts';
import type { Closing, ConnectionState, PeerHistory, StateOf } from '../connection-state.ts';
import type { Disconnected, LocalClosed } from '../events/connection-events.ts';
import type { ConnectionEffect, Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { announcementOfEnd, type UnexplainedEnd } from '../leaving.ts';
import { backoffFor, enter } from './enter.ts';
import { retire } from './leave-steps.ts';

/** The connection ended: it is reported, and its socket is closed in order. */
export function connectionEnded(state: StateOf<'established'>, input: InputOf<'ended'>): Step {
  const { event } = input;
  return event.type === 'disconnected' ? disconnected(state, input, event) : closedLocally(state, input, event);
}

/**
 * The wait before the next attempt begins with the end: the old socket drains meanwhile, and the attempt does not wait for
 * it. To an address that is another one there is no wait; where the end is announced there is no attempt.
 */
function disconnected(state: StateOf<'established'>, input: InputOf<'ended'>, event: Disconnected): Step {
  const { connectionId, now, drainMs, reconnect, random } = input;
  const { leaving, hasMoved } = state.history;
  if (leaving !== null) return lost(state, input, event);
  const waits = waitsAfterConnection(state.history.waits, { livedMs: event.durationMs, isOurChoice: false });
  const retryInMs = hasMoved ? 0 : nextDelayMs(waits, reconnect, random);
  const draining = [...state.history.draining, connectionId];
  const history: PeerHistory = {
    ...state.history,
    waits: hasMoved ? 0 : waits + 1,
    downFrom: now,
    downSince: now,
    draining,
    unexplained: unexplained(event, now),
  };
  const wait = backoffFor(history, now, retryInMs);
  const next = enter(state, wait.state, wait.effect, leave(event, connectionId, drainMs));
  return { state: next.state, effects: [{ type: 'emit', event: { ...event, retryInMs } }, ...next.effects] };
}

/** The peer is not to be connected again: whether this end was announced depends on when it came. */
function lost(
  state: StateOf<'established'>,
  { connectionId, now, drainMs }: InputOf<'ended'>,
  event: Disconnected,
): Step {
  const announced = announcementOfEnd(state.history.leaving, now);
  const history: PeerHistory = {
    ...state.history,
    downFrom: now,
    draining: [...state.history.draining, connectionId],
    unexplained: announced === null ? unexplained(event, now) : null,
  };
  const next = retire(state, history, leave(event, connectionId, drainMs));
  const emit = { type: 'emit', event: announced === null ? event : { ...event, announced } } as const;
  return { state: next.state, effects: [emit, ...next.effects] };
}

function unexplained({ class: endClass, reason, connectionId }: Disconnected, endedAt: number): UnexplainedEnd {
  return { class: endClass, reason, connectionId, endedAt };
}

/** We chose to end it: the next attempt, if there is one, begins once the peer has seen it, and the peer is down only if that fails. */
function closedLocally(state: StateOf<'established'>, input: InputOf<'ended'>, event: LocalClosed): Step {
  const { connectionId, now, drainMs } = input;
  const waits = waitsAfterConnection(state.history.waits, { livedMs: event.durationMs, isOurChoice: true });
  const history: PeerHistory = { ...state.history, waits, downFrom: now };
  const next = enter(
    state,
    { name: 'closing', connectionId, step: 'draining', history },
    { type: 'close', connectionId, drainMs },
  );
  return { state: next.state, effects: [{ type: 'emit', event }, ...next.effects] };
}

/**
 * Every end is closed in order but one: behind bytes that do not drain a FIN never leaves, and the kernel would keep them, some
 * megabytes, for as long as the peer answers its probes.
 */
function leave({ reason }: Disconnected | LocalClosed, connectionId: string, drainMs: number): ConnectionEffect {
  return reason === 'write_stalled' ? { type: 'reset', connectionId } : { type: 'close', connectionId, drainMs };
}

/** The end that a stop asked for: it is reported, and no attempt follows. */
export function endedByStop(
  { connectionId, drainMs, draining }: Extract<Closing, { readonly step: 'ending' }>,
  { event }: InputOf<'ended'>,
): Step {
  return {
    state: { name: 'closing', step: 'drainingToStop', draining: [...draining, connectionId] },
    effects: [{ type: 'emit', event }, leave(event, connectionId, drainMs)],
  };
}

/** A socket is released: whoever waited for it goes on, all others only forget it. */
export function drained(state: ConnectionState, { connectionId }: InputOf<'drained'>): Step {
  if (state.name === 'stopped') return { state, effects: [] };
  if (state.name === 'closing' && state.step === 'draining' && state.connectionId === connectionId) {
    if (state.history.leaving !== null) return retire(state, state.history);
    const wait = backoffFor(state.history, 0, 0);
    return enter(state, wait.state, wait.effect);
  }
  const before = drainingOf(state);
  if (!before.includes(connectionId)) return { state, effects: [] };
  const draining = before.filter((id) => id !== connectionId);
  if (state.name !== 'closing' || state.step === 'draining')
    return { state: { ...state, history: { ...state.history, draining } }, effects: [] };
  if (state.step === 'ending' || draining.length > 0) return { state: { ...state, draining }, effects: [] };
  return enter(state, { name: 'stopped' }, { type: 'reportStopped' });
}

function drainingOf(state: Exclude<ConnectionState, { readonly name: 'stopped' }>): readonly string[] {
  return 'history' in state ? state.history.draining : state.draining;
}
