import type { Disconnect, ErrorReason, LocalCloseReason } from './disconnect.ts';
import { reasonOfErrno } from './reason-of-errno.ts';
import type { Decision, Evidence } from './evidence.ts';
import { type StalledBy, stalledBy } from './stalled-by.ts';

/** What an ended connection was: a disconnect, or a close of our own. `errno` is for the log and the span, never for a label. */
export type Verdict =
  | {
      readonly kind: 'disconnect';
      readonly disconnect: Disconnect;
      readonly errno?: string;
      /** Of `write_stalled`, where the kernel can be asked. */
      readonly stalledBy?: StalledBy;
    }
  | { readonly kind: 'localClose'; readonly reason: LocalCloseReason };

/**
 * Names the reason a held connection ended, by the first terminal signal:
 *
 * - **Our own decision.** Half-closing a socket makes the kernel report errors afterwards; they only follow from it.
 * - **An errno** of a read, a write or the connect. Reading it cleared it in the kernel: it is reported once. EPIPE proves
 *   that a FIN came first (Linux sets it only for a reset behind a FIN, tcp_reset() in CLOSE_WAIT), so it is `eof/fin`.
 * - **The end of the stream**, together with the kernel's pending error asked right then: ECONNRESET there is a reset that
 *   arrived behind data (libuv before 1.52 hands it over as an end); EPIPE or nothing is a FIN.
 * - **TLS**: close_notify alone ends the connection; a fatal alert and a broken record name themselves.
 *
 * ETIMEDOUT is `retransmit_timeout` when bytes of ours were outstanding: lost on the way, or never taken by a peer whose
 * window stayed closed. Else it is `keepalive_timeout`, which cannot be where keepalive is off: the only timer that is left
 * then is that of our own bytes. Without the kernel's evidence it stays `timeout`. An errno outside the table becomes `other`: the reason is a metric
 * label, and a peer must not be able to grow our series.
 */
export function classifyDisconnect(evidence: Evidence): Verdict {
  const { signal } = evidence;
  switch (signal.kind) {
    case 'decided':
      return fromDecision(signal.decision, evidence);
    case 'errno':
      return fromErrno(signal.errno, evidence);
    case 'end':
      return fromEnd(signal.pendingError, evidence);
    case 'closeNotify':
      return { kind: 'disconnect', disconnect: { class: 'eof', reason: 'close_notify' } };
    case 'tlsAlert':
      return { kind: 'disconnect', disconnect: { class: 'error', reason: 'tls_alert' }, errno: signal.code };
    case 'tlsBroken':
      return { kind: 'disconnect', disconnect: { class: 'error', reason: 'tls_error' }, errno: signal.code };
  }
}

function fromDecision(decision: Decision, { kernel }: Evidence): Verdict {
  if (decision.kind === 'localClose') return { kind: 'localClose', reason: decision.reason };
  if (decision.kind === 'tookLeave') return { kind: 'disconnect', disconnect: { class: 'eof', reason: 'goodbye' } };
  if (decision.reason === 'protocol') {
    return { kind: 'disconnect', disconnect: { class: 'error', reason: 'protocol' } };
  }
  const stall = decision.reason === 'write_stalled' && kernel !== null ? { stalledBy: stalledBy(kernel) } : {};
  return { kind: 'disconnect', disconnect: { class: 'idle_timeout', reason: decision.reason }, ...stall };
}

function fromEnd(pendingError: string | null | undefined, evidence: Evidence): Verdict {
  if (pendingError !== null && pendingError !== undefined) return fromErrno(pendingError, evidence);
  return fin(evidence);
}

function fin(evidence: Evidence, errno?: string): Verdict {
  const disconnect: Disconnect = evidence.expectCloseNotify
    ? { class: 'error', reason: 'tls_truncated' }
    : { class: 'eof', reason: 'fin' };
  return { kind: 'disconnect', disconnect, ...(errno === undefined ? {} : { errno }) };
}

function fromErrno(errno: string, evidence: Evidence): Verdict {
  if (errno === 'EPIPE') return fin(evidence, errno);
  const reason = errno === 'ETIMEDOUT' ? timeoutReason(evidence) : reasonOfErrno(errno);
  return { kind: 'disconnect', disconnect: { class: 'error', reason }, errno };
}

function timeoutReason({ kernel, keepalive }: Evidence): ErrorReason {
  if (kernel === null) return 'timeout';
  return kernel.outstandingBytes > 0 || !keepalive ? 'retransmit_timeout' : 'keepalive_timeout';
}
