import { isTlsAlert } from './classify-connect-failure.ts';
import type { ConnectFailure, ProtocolFailureReason } from './connect-failure.ts';
import type { Signal } from './evidence.ts';
import type { TcpSample } from './tcp-sample.ts';

/** Why an awaited first answer did not come. */
export type FirstAnswerFault =
  /** Its deadline passed. `receivedBytes` came since the heartbeat was written. */
  | {
      readonly kind: 'deadline';
      readonly receivedBytes: number;
      /** Bytes of ours that the peer's kernel has not acknowledged; null where it cannot be asked. */
      readonly outstandingBytes: number | null;
    }
  /** The connection ended first; `tcp` was read while its descriptor was open. */
  | { readonly kind: 'ended'; readonly signal: LinkSignal; readonly tcp: TcpSample | null };

/** How a link ends other than by our own decision. */
type LinkSignal = Exclude<Signal, { readonly kind: 'decided' }>;

/** What the attempt is called then, and what is for the log and the span alone. */
export type FirstAnswerFailure = {
  readonly failure: Extract<ConnectFailure, { readonly phase: 'tls' | 'protocol' }>;
  readonly errno?: string;
  /** One sentence for the log; holds no bytes of the peer. */
  readonly detail?: string;
};

/**
 * Names an attempt whose first answer did not come. A heartbeat that the peer's kernel does not have whole cannot have been
 * answered: that is a timeout, whatever else arrived. FIN and RST are told apart by the errno and the state of the socket,
 * never by a message: EPIPE, or CLOSE_WAIT, proves that a FIN came first.
 */
export function classifyFirstAnswer(fault: FirstAnswerFault): FirstAnswerFailure {
  return fault.kind === 'deadline' ? fromDeadline(fault) : fromSignal(fault.signal, fault.tcp);
}

function fromDeadline({
  receivedBytes,
  outstandingBytes,
}: FirstAnswerFault & { kind: 'deadline' }): FirstAnswerFailure {
  if (outstandingBytes !== null && outstandingBytes > 0) {
    return ofProtocol('timeout', {
      detail: `the heartbeat was not wholly acknowledged: ${outstandingBytes} bytes of ours are outstanding`,
    });
  }
  if (receivedBytes > 0) {
    return ofProtocol('rejected', { detail: `${receivedBytes} bytes came, and heartbeat.expect was not among them` });
  }
  if (outstandingBytes === null) return ofProtocol('timeout', { detail: 'nothing came since the heartbeat was sent' });
  return ofProtocol('timeout', { detail: "the peer's kernel acknowledged the heartbeat, and nothing came" });
}

function fromSignal(signal: LinkSignal, tcp: TcpSample | null): FirstAnswerFailure {
  switch (signal.kind) {
    case 'end':
      return signal.pendingError ? fromErrno(signal.pendingError, tcp) : ofProtocol('eof');
    case 'errno':
      return fromErrno(signal.errno, tcp);
    case 'closeNotify':
      return ofProtocol('eof');
    case 'tlsAlert':
    case 'tlsBroken': {
      const { code } = signal;
      return { failure: { phase: 'tls', reason: isTlsAlert(code) ? 'alert' : 'other' }, errno: code };
    }
  }
}

function fromErrno(errno: string, tcp: TcpSample | null): FirstAnswerFailure {
  switch (errno) {
    case 'EPIPE':
      return ofProtocol('eof', { errno });
    case 'ECONNRESET':
      return ofProtocol(tcp?.state === 'close_wait' ? 'eof' : 'reset', { errno });
    case 'ETIMEDOUT':
      return ofProtocol('timeout', { errno });
    default:
      return ofProtocol('other', { errno });
  }
}

function ofProtocol(reason: ProtocolFailureReason, more: Omit<FirstAnswerFailure, 'failure'> = {}): FirstAnswerFailure {
  return { failure: { phase: 'protocol', reason }, ...more };
}
