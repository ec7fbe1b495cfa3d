import { DISCONNECT_REASONS, type EofReason, type ErrorReason } from '../disconnect.ts';
import { reasonOfErrno } from '../reason-of-errno.ts';

/** How a connection of another process ended: the peer closed, it broke, or its own process ended it. */
export type ObservedEnd =
  | { readonly class: 'eof'; readonly reason: EofReason }
  | { readonly class: 'error'; readonly reason: ErrorReason }
  | { readonly class: 'local'; readonly reason: ObservedLocalReason };

/** The label `class` of an observed end. */
export type ObservedClass = ObservedEnd['class'];

/** `closed`: the process closed it or ended; `aborted`: it threw away what had not been sent or read. */
export const OBSERVED_LOCAL_REASONS = ['closed', 'aborted'] as const;
/** How a process itself ended its connection. */
export type ObservedLocalReason = (typeof OBSERVED_LOCAL_REASONS)[number];

/** The reasons that a connection of another process can end with: those that TCP alone can show. */
export const OBSERVED_REASONS = {
  eof: ['fin'],
  error: DISCONNECT_REASONS.error.filter(
    (reason) => !(['tls_truncated', 'tls_alert', 'tls_error', 'protocol'] as readonly ErrorReason[]).includes(reason),
  ),
  local: OBSERVED_LOCAL_REASONS,
} as const satisfies Readonly<Record<ObservedClass, readonly string[]>>;

/** Every class, in the order of the tables. */
export const OBSERVED_CLASSES = ['eof', 'error', 'local'] as const satisfies readonly ObservedClass[];

/** What the kernel said around the change from established to closed. */
export type ObservedEvidence = {
  /** Null: it handed none to the process. */
  readonly errno: string | null;
  readonly resetReceived: boolean;
  /** It reset the connection because keepalive probes stayed unanswered. */
  readonly keepaliveReset: boolean;
  /** Lines of the trace were lost about then: what is missing proves nothing. */
  readonly linesLost: boolean;
};

/**
 * Names the end of a connection that went from established to closed at once. The witness of a keepalive death is the reset
 * that the kernel sends: retransmissions prove nothing, since healed ones come before a keepalive death, too. EPIPE proves
 * that a FIN came first.
 */
export function classifyObservedEnd({
  errno,
  resetReceived,
  keepaliveReset,
  linesLost,
}: ObservedEvidence): ObservedEnd {
  if (errno === 'EPIPE') return { class: 'eof', reason: 'fin' };
  if (errno === 'ETIMEDOUT') {
    if (keepaliveReset) return { class: 'error', reason: 'keepalive_timeout' };
    return { class: 'error', reason: linesLost ? 'timeout' : 'retransmit_timeout' };
  }
  if (errno !== null) return { class: 'error', reason: reasonOfErrno(errno) };
  return resetReceived ? { class: 'error', reason: 'reset' } : { class: 'local', reason: 'aborted' };
}
