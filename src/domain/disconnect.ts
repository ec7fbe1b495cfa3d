/**
 * The closed vocabulary of endings. Every established connection ends exactly once: as one disconnect (class, reason)
 * or as one local close (reason). These tables are metric labels: a peer must never be able to add to them.
 */
export const DISCONNECT_REASONS = {
  eof: ['fin', 'close_notify', 'goodbye'],
  error: [
    'reset',
    'keepalive_timeout',
    'retransmit_timeout',
    'timeout',
    'host_unreachable',
    'network_unreachable',
    'port_unreachable',
    'prohibited',
    'aborted',
    'local_resource',
    'tls_truncated',
    'tls_alert',
    'tls_error',
    'protocol',
    'other',
  ],
  idle_timeout: ['no_data', 'no_reply', 'write_stalled'],
} as const;

/** The kind of a disconnect; the label `class`. */
export type DisconnectClass = keyof typeof DISCONNECT_REASONS;
/** Why a connection ended in order. */
export type EofReason = (typeof DISCONNECT_REASONS)['eof'][number];
/** Why a connection broke. */
export type ErrorReason = (typeof DISCONNECT_REASONS)['error'][number];
/** Which of our own deadlines a connection missed. */
export type IdleTimeoutReason = (typeof DISCONNECT_REASONS)['idle_timeout'][number];
/** Why a peer was lost; the label `reason`. */
export type DisconnectReason = EofReason | ErrorReason | IdleTimeoutReason;

/** Every class, in the order of the tables and charts. */
export const DISCONNECT_CLASSES = ['eof', 'error', 'idle_timeout'] as const satisfies readonly DisconnectClass[];

/** Every reason for which we end a connection ourselves; none of them is the peer's doing. */
export const LOCAL_CLOSE_REASONS = ['shutdown', 'removed', 'reconfigured', 'max_age', 'resharded'] as const;
/** Why we ended a connection ourselves. */
export type LocalCloseReason = (typeof LOCAL_CLOSE_REASONS)[number];

/** A disconnect: the connection ended and we did not choose it. */
export type Disconnect =
  | { readonly class: 'eof'; readonly reason: EofReason }
  | { readonly class: 'error'; readonly reason: ErrorReason }
  | { readonly class: 'idle_timeout'; readonly reason: IdleTimeoutReason };

/**
 * Who began the end. `remote` is the peer or a box that speaks for it, `network` the path, `local_host` this machine,
 * `self` our own timers and decisions. Undefined for `error/other`: nothing is known.
 */
export type Initiator = 'remote' | 'network' | 'local_host' | 'self';

const INITIATORS: Readonly<Record<DisconnectReason, Initiator | undefined>> = {
  fin: 'remote',
  close_notify: 'remote',
  goodbye: 'remote',
  reset: 'remote',
  keepalive_timeout: 'network',
  retransmit_timeout: 'network',
  timeout: 'network',
  host_unreachable: 'network',
  network_unreachable: 'network',
  port_unreachable: 'network',
  prohibited: 'network',
  aborted: 'local_host',
  local_resource: 'local_host',
  tls_truncated: 'remote',
  tls_alert: 'remote',
  tls_error: 'remote',
  protocol: 'remote',
  other: undefined,
  no_data: 'self',
  no_reply: 'self',
  write_stalled: 'self',
};

/** Who began an end with this reason; undefined where nothing is known. */
export function initiatorOf(reason: DisconnectReason): Initiator | undefined {
  return INITIATORS[reason];
}

/** Abnormal ends are what people are paged for: class `error` or `idle_timeout`. */
export function isAbnormal(disconnectClass: DisconnectClass): boolean {
  return disconnectClass !== 'eof';
}
