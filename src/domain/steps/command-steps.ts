import { nextDelayMs, refusedCeilingMs } from '../backoff.ts';
import type { Attempting, ConnectionState, PeerHistory, StateOf } from '../connection-state.ts';
import type { ConnectionEffect, Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/**
 * New settings. A wait longer than the new longest delay is cut to it; another address ends it. An attempt goes on with the
 * settings it began with. A connection whose socket cannot take them is replaced; one to the address of before is held on.
 */
export function reconfigured(state: ConnectionState, input: InputOf<'reconfigured'>): Step {
  const { how, hasMoved, now, reconnect } = input;
  switch (state.name) {
    case 'backoff': {
      if (hasMoved) return tryAtOnce(state);
      const { refused } = state.history;
      // Another password file or another database may be what was missing: that is tried soon.
      const isRefused = refused !== undefined && how === 'inPlace';
      const longestMs = isRefused ? refusedCeilingMs(refused.times - 1, reconnect) : reconnect.maxMs;
      if (state.waitsUntil === null || state.waitsUntil <= now + longestMs) return { state, effects: [] };
      const wait = backoffFor(state.history, now, longestMs);
      return { state: wait.state, effects: [wait.effect] };
    }
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return { state: outdated(state, input), effects: [] };
    case 'established': {
      const { connectionId } = state;
      const after = hasMoved ? { ...state, history: { ...state.history, hasMoved } } : state;
      if (how === 'inPlace') return { state: after, effects: [{ type: 'reconfigure', connectionId }] };
      return { state: after, effects: [{ type: 'endConnection', connectionId, reason: 'reconfigured' }] };
    }
    case 'closing':
    case 'retired':
    case 'stopped':
      return { state, effects: [] };
  }
}

/** What was tried before says nothing about another address. */
function tryAtOnce(state: StateOf<'backoff'>): Step {
  const history = anew(state.history, 0);
  const queued = { name: 'backoff', history, waitsUntil: null } as const;
  return { state: queued, effects: state.waitsUntil === null ? [] : [{ type: 'queueForConnectRate' }] };
}

function outdated(state: Attempting, { how, hasMoved }: InputOf<'reconfigured'>): Attempting {
  const moved = hasMoved ? { ...state, history: { ...state.history, hasMoved } } : state;
  return how === 'inPlace' ? moved : { ...moved, isOutdated: true };
}

/**
 * Somebody asked for an attempt soon: the delays of a peer that is not established start over at `reconnect.initial`. A
 * wait that runs never gets longer by that.
 */
export function delayRestarted(state: ConnectionState, { now, reconnect, random }: InputOf<'delayRestarted'>): Step {
  switch (state.name) {
    case 'backoff': {
      if (state.waitsUntil === null) return { state: { ...state, history: anew(state.history, 0) }, effects: [] };
      const delayMs = Math.min(state.waitsUntil - now, nextDelayMs(0, reconnect, random));
      const wait = backoffFor(anew(state.history, 1), now, delayMs);
      return { state: wait.state, effects: [wait.effect] };
    }
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return { state: { ...state, history: anew(state.history, 0) }, effects: [] };
    case 'established':
    case 'closing':
    case 'retired':
    case 'stopped':
      return { state, effects: [] };
  }
}

/** Earlier failures and refusals make no wait longer any more. */
function anew(before: PeerHistory, waits: number): PeerHistory {
  const { refused: _, ...history } = before;
  return { ...history, waits };
}

/** The peer is held no longer. What is open is closed in order first; asked again, the shorter drain counts. */
export function stop(state: ConnectionState, { reason, drainMs }: InputOf<'stop'>): Step {
  switch (state.name) {
    case 'backoff':
    case 'retired': {
      const { draining } = state.history;
      if (draining.length > 0) return drainToStop(state, draining, drainMs);
      return enter(state, { name: 'stopped' }, { type: 'cancelWait' }, { type: 'reportStopped' });
    }
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return drainToStop(state, [...state.history.draining, state.connectionId], drainMs);
    case 'established': {
      const { connectionId, history } = state;
      const { draining } = history;
      const ending = { name: 'closing', connectionId, step: 'ending', drainMs, draining } as const;
      const end = { type: 'endConnection', connectionId, reason } as const;
      const lingers: ConnectionEffect[] = history.leaving === null ? [] : [{ type: 'cancelWait' }];
      return enter(state, ending, ...lingers, ...closeAll(draining, drainMs), end);
    }
    case 'closing':
      return stopClosing(state, drainMs);
    case 'stopped':
      return { state, effects: [{ type: 'reportStopped' }] };
  }
}

function stopClosing(state: Extract<ConnectionState, { readonly name: 'closing' }>, drainMs: number): Step {
  switch (state.step) {
    case 'ending': {
      const shorter = { ...state, drainMs: Math.min(drainMs, state.drainMs) };
      return { state: shorter, effects: closeAll(state.draining, drainMs) };
    }
    case 'draining': {
      const draining = [...state.history.draining, state.connectionId];
      const closing = { name: 'closing', step: 'drainingToStop', draining } as const;
      return { state: closing, effects: closeAll(draining, drainMs) };
    }
    case 'drainingToStop':
      return { state, effects: closeAll(state.draining, drainMs) };
  }
}

/** The peer is not established: whatever is open of it drains. */
function drainToStop(state: ConnectionState, draining: readonly string[], drainMs: number): Step {
  const closing = { name: 'closing', step: 'drainingToStop', draining } as const;
  return enter(state, closing, { type: 'cancelWait' }, ...closeAll(draining, drainMs));
}

function closeAll(connectionIds: readonly string[], drainMs: number): readonly ConnectionEffect[] {
  return connectionIds.map((connectionId) => ({ type: 'close', connectionId, drainMs }));
}
