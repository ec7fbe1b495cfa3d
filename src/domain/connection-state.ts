/**
 * One peer's life as a pure machine:
 *
 *     backoff -> resolving -> connecting -> handshaking -> established
 *                    |            |             |               |
 *                    +---- attempt failed: backoff              +-- it ends: closing -> backoff | stopped
 *
 * Every input but `attemptDue` and `stop` names the connection it is about; one that names another connection than the
 * current is a late word from a socket that is gone, and changes nothing.
 */
export type ConnectionState =
  /** Waiting for its delay, then for its turn in the process-wide connect rate. */
  | { readonly name: 'backoff' }
  | { readonly name: 'resolving'; readonly connectionId: string }
  | { readonly name: 'connecting'; readonly connectionId: string }
  | { readonly name: 'handshaking'; readonly connectionId: string }
  | { readonly name: 'established'; readonly connectionId: string }
  /** Over and counted; the socket is half-closed and drains until the peer's FIN. */
  | { readonly name: 'closing'; readonly connectionId: string; readonly then: 'reconnect' | 'stop' }
  | { readonly name: 'stopped' };

export type ConnectionStateName = ConnectionState['name'];

export type ConnectionInput =
  | { readonly type: 'attemptDue'; readonly connectionId: string }
  | { readonly type: 'resolved'; readonly connectionId: string }
  | { readonly type: 'tcpConnected'; readonly connectionId: string }
  | { readonly type: 'ready'; readonly connectionId: string }
  | { readonly type: 'attemptFailed'; readonly connectionId: string }
  /** The connection ended, or an attempt was given up, and the socket is being closed in order. */
  | { readonly type: 'closing'; readonly connectionId: string }
  /** The closing socket saw the peer's FIN, or ran out of time. */
  | { readonly type: 'drained'; readonly connectionId: string }
  /** The peer is to be held no longer. */
  | { readonly type: 'stop' };

const BACKOFF: ConnectionState = { name: 'backoff' };
const STOPPED: ConnectionState = { name: 'stopped' };

/**
 * The next state. Returns the same object when the input changes nothing, so "nothing happened" is reference equality.
 * `stop` while a socket is open goes through `closing`: a peer always sees FIN first.
 */
export function nextState(state: ConnectionState, input: ConnectionInput): ConnectionState {
  if (input.type === 'stop') return stop(state);
  if (state.name === 'stopped') return state;
  if (state.name === 'backoff') {
    return input.type === 'attemptDue' ? { name: 'resolving', connectionId: input.connectionId } : state;
  }
  if (input.connectionId !== state.connectionId) return state;
  const { connectionId } = state;
  switch (state.name) {
    case 'resolving':
    case 'connecting':
    case 'handshaking':
      return attempting(state, input.type, connectionId);
    case 'established':
      if (input.type === 'closing') return { name: 'closing', connectionId, then: 'reconnect' };
      return state;
    case 'closing':
      if (input.type !== 'drained') return state;
      return state.then === 'stop' ? STOPPED : BACKOFF;
  }
}

function attempting(state: ConnectionState, type: ConnectionInput['type'], connectionId: string): ConnectionState {
  switch (type) {
    case 'resolved':
      return state.name === 'resolving' ? { name: 'connecting', connectionId } : state;
    case 'tcpConnected':
      return state.name === 'connecting' ? { name: 'handshaking', connectionId } : state;
    case 'ready':
      return state.name === 'handshaking' ? { name: 'established', connectionId } : state;
    case 'attemptFailed':
      return BACKOFF;
    case 'closing':
      return { name: 'closing', connectionId, then: 'reconnect' };
    case 'attemptDue':
    case 'drained':
    case 'stop':
      return state;
  }
}

function stop(state: ConnectionState): ConnectionState {
  switch (state.name) {
    case 'stopped':
      return state;
    case 'backoff':
      return STOPPED;
    case 'resolving':
    case 'connecting':
    case 'handshaking':
    case 'established':
      return { name: 'closing', connectionId: state.connectionId, then: 'stop' };
    case 'closing':
      return state.then === 'stop' ? state : { ...state, then: 'stop' };
  }
}
