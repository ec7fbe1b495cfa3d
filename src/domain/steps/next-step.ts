import type { Attempting, ConnectionState, ConnectionStateName, StateOf } from '../connection-state.ts';
import { attemptFailed, beginAttempt, established } from './attempt-steps.ts';
import { delayRestarted, reconfigured, stop } from './command-steps.ts';
import type { Step } from './connection-effect.ts';
import type { ConnectionInput } from './connection-input.ts';
import { connectionEnded, drained, endedByStop } from './end-steps.ts';
import { enter } from './enter.ts';
import { announcedElsewhere, planned, vanished, vanishedWaitOver } from './leave-steps.ts';

/** Nobody says that the peer will end. */
const NOTHING_KNOWN = { leaving: null, unexplained: null, hasMoved: false } as const;

/** The first state of a peer: it queues for its first attempt. */
export function firstStep(): Step {
  const history = { waits: 0, failuresInARow: 0, downFrom: null, downSince: null, draining: [], ...NOTHING_KNOWN };
  return {
    state: { name: 'backoff', history, waitsUntil: null },
    effects: [{ type: 'reportState', from: null, state: 'backoff' }, { type: 'queueForConnectRate' }],
  };
}

/**
 * The next state of a peer, and what is to be done. An input that does not fit the state, or is about another connection
 * than the current, gives the same state object and no effects.
 */
export function nextStep(state: ConnectionState, input: ConnectionInput): Step {
  switch (input.type) {
    case 'waitOver':
      if (state.name === 'established' || state.name === 'retired') return vanishedWaitOver(state);
      if (state.name !== 'backoff' || state.waitsUntil === null) return unchanged(state);
      return { state: { ...state, waitsUntil: null }, effects: [{ type: 'queueForConnectRate' }] };
    case 'attemptDue':
      return state.name === 'backoff' && state.waitsUntil === null ? beginAttempt(state, input) : unchanged(state);
    case 'resolved':
      return isIn(state, 'resolving', input) ? enter(state, { ...state, name: 'connecting' }) : unchanged(state);
    case 'tcpConnected':
      return isIn(state, 'connecting', input) ? enter(state, { ...state, name: 'handshaking' }) : unchanged(state);
    case 'established':
      return isIn(state, 'handshaking', input) ? established(state, input) : unchanged(state);
    case 'attemptFailed':
      return isAttempting(state, input) ? attemptFailed(state, input) : unchanged(state);
    case 'ended':
      if (isIn(state, 'established', input)) return connectionEnded(state, input);
      return state.name === 'closing' && state.step === 'ending' && state.connectionId === input.connectionId
        ? endedByStop(state, input)
        : unchanged(state);
    case 'drained':
      return drained(state, input);
    case 'reconfigured':
      return reconfigured(state, input);
    case 'delayRestarted':
      return delayRestarted(state, input);
    case 'planned':
      return planned(state, input);
    case 'vanished':
      return vanished(state, input);
    case 'announcedElsewhere':
      return announcedElsewhere(state, input);
    case 'stop':
      return stop(state, input);
  }
}

function unchanged(state: ConnectionState): Step {
  return { state, effects: [] };
}

type OfConnection = { readonly connectionId: string };

/** Whether the peer is in this state with the connection that the input is about. */
function isIn<Name extends Exclude<ConnectionStateName, 'backoff' | 'retired' | 'stopped'>>(
  state: ConnectionState,
  name: Name,
  { connectionId }: OfConnection,
): state is StateOf<Name> {
  return state.name === name && 'connectionId' in state && state.connectionId === connectionId;
}

function isAttempting(state: ConnectionState, input: OfConnection): state is Attempting {
  return isIn(state, 'resolving', input) || isIn(state, 'connecting', input) || isIn(state, 'handshaking', input);
}
