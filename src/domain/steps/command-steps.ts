import type { ConnectionState } from '../connection-state.ts';
import type { Step } from './connection-effect.ts';
import type { InputOf } from './connection-input.ts';
import { backoffFor, enter } from './enter.ts';

/**
 * New settings. A wait longer than the new longest delay is cut to it. An attempt or a connection whose socket cannot
 * take them is given up, and the next attempt follows at once.
 */
export function reconfigured(state: ConnectionState, input: InputOf<'reconfigured'>): Step {
  const { how, now, reconnect, drainMs } = input;
  switch (state.name) {
    case 'backoff': {
      if (state.waitsUntil === null || state.waitsUntil <= now + reconnect.maxMs) return { state, effects: [] };
      const wait = backoffFor(state.history, now, reconnect.maxMs);
      return { state: wait.state, effects: [wait.effect] };
    }
    case 'resolving':
    case 'connecting':
    case 'handshaking': {
      if (how === 'inPlace') return { state, effects: [] };
      const { connectionId, history } = state;
      return enter(
        state,
        { name: 'closing', connectionId, step: 'draining', retryAt: now, history },
        { type: 'close', connectionId, drainMs },
      );
    }
    case 'established':
      if (how === 'inPlace') return { state, effects: [{ type: 'reconfigure' }] };
      return { state, effects: [{ type: 'endConnection', reason: 'reconfigured' }] };
    case 'closing':
    case 'stopped':
      return { state, effects: [] };
  }
}

/** The peer is held no longer. What is open is closed in order first; asked again, the shorter drain counts. */
export function stop(state: ConnectionState, { reason, drainMs }: InputOf<'stop'>): Step {
  switch (state.name) {
    case 'backoff':
      return enter(state, { name: 'stopped' }, { type: 'cancelWait' }, { type: 'reportStopped' });
    case 'resolving':
    case 'connecting':
    case 'handshaking': {
      const { connectionId } = state;
      const closing = { name: 'closing', connectionId, step: 'drainingToStop' } as const;
      return enter(state, closing, { type: 'close', connectionId, drainMs });
    }
    case 'established': {
      const ending = { name: 'closing', connectionId: state.connectionId, step: 'ending', drainMs } as const;
      return enter(state, ending, { type: 'endConnection', reason });
    }
    case 'closing': {
      if (state.step === 'ending')
        return { state: { ...state, drainMs: Math.min(drainMs, state.drainMs) }, effects: [] };
      const { connectionId } = state;
      const closing = { name: 'closing', connectionId, step: 'drainingToStop' } as const;
      return { state: closing, effects: [{ type: 'close', connectionId, drainMs }] };
    }
    case 'stopped':
      return { state, effects: [{ type: 'reportStopped' }] };
  }
}
