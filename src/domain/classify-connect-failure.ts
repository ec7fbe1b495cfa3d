import type { ConnectFailure, DnsFailureReason, TcpFailureReason, TlsFailureReason } from './connect-failure.ts';
import type { Signal, SocketEnd } from './evidence.ts';
import { tlsAlertName } from './tls-alert.ts';

const DNS_REASONS = new Map<string, DnsFailureReason>([
  ['ENOTFOUND', 'not_found'],
  ['ENODATA', 'not_found'],
  ['EAI_NODATA', 'not_found'],
  ['EAI_NONAME', 'not_found'],
  ['EAI_ADDRFAMILY', 'not_found'],
  ['EAI_AGAIN', 'temporary'],
  ['ETIMEOUT', 'timeout'],
]);

const TCP_REASONS = new Map<string, TcpFailureReason>([
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'host_unreachable'],
  ['EHOSTDOWN', 'host_unreachable'],
  ['ENETUNREACH', 'network_unreachable'],
  ['ENETDOWN', 'network_unreachable'],
  ['ENONET', 'network_unreachable'],
  ['EACCES', 'prohibited'],
  ['EPERM', 'prohibited'],
  ['ENOPROTOOPT', 'prohibited'],
  ['EPROTO', 'prohibited'],
  ['EADDRNOTAVAIL', 'address_unavailable'],
  ['EADDRINUSE', 'address_unavailable'],
  ['EMFILE', 'fd_limit'],
  ['ENFILE', 'fd_limit'],
]);

/** Names a failed look-up by the resolver's code (`ENOTFOUND`, `EAI_AGAIN`). Our own want of descriptors is none of its faults. */
export function classifyDnsFailure(code: string): ConnectFailure {
  if (code === 'EMFILE' || code === 'ENFILE') return { phase: 'tcp', reason: 'fd_limit' };
  return { phase: 'dns', reason: DNS_REASONS.get(code) ?? 'other' };
}

/** Names a failed connect by its errno. ECONNRESET and EPIPE are not failures of this phase: the handshake had completed. */
export function classifyTcpFailure(errno: string): Extract<ConnectFailure, { readonly phase: 'tcp' }> {
  return { phase: 'tcp', reason: TCP_REASONS.get(errno) ?? 'other' };
}

/** What broke a TLS handshake: TLS itself failed (an error code of the runtime), or the socket below it ended. */
export type TlsFault =
  | { readonly kind: 'tls'; readonly code: string; readonly detail?: string }
  | { readonly kind: 'socket'; readonly signal: SocketEnd | Extract<Signal, { readonly kind: 'closeNotify' }> };

/**
 * Names a failed TLS handshake. FIN and RST are distinguished by the errno, never by the runtime's message, which calls both
 * "disconnected before secure TLS connection was established".
 */
export function classifyTlsFailure(fault: TlsFault): ConnectFailure {
  return { phase: 'tls', reason: fault.kind === 'tls' ? fromTlsCode(fault.code) : fromSocket(fault.signal) };
}

function fromSocket(signal: (TlsFault & { kind: 'socket' })['signal']): TlsFailureReason {
  switch (signal.kind) {
    case 'end':
      return signal.pendingError ? fromErrno(signal.pendingError) : 'eof';
    case 'errno':
      return fromErrno(signal.errno);
    case 'closeNotify':
      return 'eof';
  }
}

function fromErrno(errno: string): TlsFailureReason {
  if (errno === 'ECONNRESET') return 'reset';
  if (errno === 'EPIPE') return 'eof'; // a FIN came first
  return errno === 'ETIMEDOUT' ? 'timeout' : 'other';
}

/** OpenSSL's words for "what came is no TLS record". */
const NOT_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_RECORD_LENGTH_MISMATCH',
]);

const VERSION = new Set([
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_TLS_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
]);

function fromTlsCode(code: string): TlsFailureReason {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'hostname';
  if (VERSION.has(code)) return 'version';
  if (NOT_TLS.has(code)) return 'not_tls';
  if (isTlsAlert(code)) return 'alert';
  if (code.startsWith('ERR_')) return 'other';
  // X.509 verification results carry no prefix: CERT_HAS_EXPIRED, DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN ...
  return /^[A-Z0-9_]+$/.test(code) ? 'certificate' : 'other';
}

/** Whether the runtime's error code means that the peer sent a fatal alert (`ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`). */
export function isTlsAlert(code: string): boolean {
  return tlsAlertName(code) !== null || (code.startsWith('ERR_SSL_') && code.includes('ALERT'));
}
