/** The closed vocabulary of attempts that failed before a connection was established, by the phase they failed in. */
export const CONNECT_FAILURE_REASONS = {
  dns: ['not_found', 'temporary', 'timeout', 'other'],
  tcp: [
    'refused',
    'timeout',
    'host_unreachable',
    'network_unreachable',
    'prohibited',
    'address_unavailable',
    'fd_limit',
    'other',
  ],
  tls: ['certificate', 'hostname', 'alert', 'version', 'not_tls', 'eof', 'reset', 'timeout', 'other'],
  protocol: ['rejected', 'eof', 'reset', 'timeout', 'other'],
} as const;

/** The step of an attempt that failed; the label `phase`. */
export type ConnectPhase = keyof typeof CONNECT_FAILURE_REASONS;

/** Why a look-up failed. */
export type DnsFailureReason = (typeof CONNECT_FAILURE_REASONS)['dns'][number];
/** Why no TCP connection came about. */
export type TcpFailureReason = (typeof CONNECT_FAILURE_REASONS)['tcp'][number];
/** Why a handshake failed. */
export type TlsFailureReason = (typeof CONNECT_FAILURE_REASONS)['tls'][number];
/** Why a login of the protocol failed. */
export type ProtocolFailureReason = (typeof CONNECT_FAILURE_REASONS)['protocol'][number];

/** Why one attempt did not become a connection. Neither a disconnect nor a local close. */
export type ConnectFailure =
  | { readonly phase: 'dns'; readonly reason: DnsFailureReason }
  | { readonly phase: 'tcp'; readonly reason: TcpFailureReason }
  | { readonly phase: 'tls'; readonly reason: TlsFailureReason }
  | { readonly phase: 'protocol'; readonly reason: ProtocolFailureReason };
