import { expect, test } from 'vitest';
import {
  classifyDnsFailure,
  classifyTcpFailure,
  classifyTlsFailure,
  isTlsAlert,
  type TlsFault,
} from '../../../src/domain/classify-connect-failure.ts';
import {
  type DnsFailureReason,
  type TcpFailureReason,
  type TlsFailureReason,
  CONNECT_FAILURE_REASONS,
} from '../../../src/domain/connect-failure.ts';

const DNS: readonly (readonly [code: string, reason: DnsFailureReason])[] = [
  ['ENOTFOUND', 'not_found'],
  ['ENODATA', 'not_found'],
  ['EAI_NODATA', 'not_found'],
  ['EAI_NONAME', 'not_found'],
  ['EAI_ADDRFAMILY', 'not_found'],
  ['EAI_AGAIN', 'temporary'],
  ['ETIMEOUT', 'timeout'],
  ['EAI_FAIL', 'other'],
  ['constructor', 'other'],
];

test.each(DNS)('a look-up that fails with %s is dns/%s', (code, reason) => {
  expect(classifyDnsFailure(code)).toEqual({ phase: 'dns', reason });
});

test.each(['EMFILE', 'ENFILE'])('a look-up for which we have no descriptor (%s) is tcp/fd_limit', (code) => {
  expect(classifyDnsFailure(code)).toEqual({ phase: 'tcp', reason: 'fd_limit' });
});

const TCP: readonly (readonly [errno: string, reason: TcpFailureReason])[] = [
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
  ['EINVAL', 'other'],
  ['toString', 'other'],
];

test.each(TCP)('a connect that fails with %s is tcp/%s', (errno, reason) => {
  expect(classifyTcpFailure(errno)).toEqual({ phase: 'tcp', reason });
});

const TLS_CODES: readonly (readonly [code: string, reason: TlsFailureReason])[] = [
  ['CERT_HAS_EXPIRED', 'certificate'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
  ['PATH_LENGTH_EXCEEDED2', 'certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'hostname'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'version'],
  ['ERR_SSL_TLS_ALERT_PROTOCOL_VERSION', 'version'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'version'],
  ['ERR_SSL_UNKNOWN_PROTOCOL', 'version'],
  ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', 'version'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not_tls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not_tls'],
  ['ERR_SSL_HTTP_REQUEST', 'not_tls'],
  ['ERR_SSL_RECORD_LENGTH_MISMATCH', 'not_tls'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'alert'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'alert'],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'alert'],
  ['ERR_SSL_UNKNOWN_ALERT_TYPE', 'alert'],
  ['ERR_OSSL_EVP_UNSUPPORTED', 'other'],
  ['ERR_OSSL_ALERT', 'other'],
  ['ERR_UNREADABLE_FILE', 'other'],
  ['certificate revoked', 'other'],
  ['CERT HAS EXPIRED', 'other'],
  ['xCERT_HAS_EXPIRED', 'other'],
  ['CERT_HAS_EXPIREDx', 'other'],
  ['', 'other'],
];

test.each(TLS_CODES)('a handshake that fails with "%s" is tls/%s', (code, reason) => {
  expect(classifyTlsFailure({ kind: 'tls', code })).toEqual({ phase: 'tls', reason });
});

type SocketFault = Extract<TlsFault, { readonly kind: 'socket' }>['signal'];

const SOCKET_ENDS: readonly (readonly [when: string, signal: SocketFault, reason: TlsFailureReason])[] = [
  ['FIN', { kind: 'end', pendingError: null }, 'eof'],
  ['FIN where the kernel cannot be asked', { kind: 'end', pendingError: undefined }, 'eof'],
  ['FIN, then RST', { kind: 'end', pendingError: 'EPIPE' }, 'eof'],
  ['a reset behind data', { kind: 'end', pendingError: 'ECONNRESET' }, 'reset'],
  ['close_notify', { kind: 'closeNotify' }, 'eof'],
  ['EPIPE', { kind: 'errno', errno: 'EPIPE' }, 'eof'],
  ['RST', { kind: 'errno', errno: 'ECONNRESET' }, 'reset'],
  ['a dead path', { kind: 'errno', errno: 'ETIMEDOUT' }, 'timeout'],
  ['a lost route', { kind: 'errno', errno: 'EHOSTUNREACH' }, 'other'],
];

test.each(SOCKET_ENDS)('%s during the handshake', (_, signal, reason) => {
  expect(classifyTlsFailure({ kind: 'socket', signal })).toEqual({ phase: 'tls', reason });
});

test('every reason of dns, tcp and tls is reached by some case', () => {
  const reasons = (rows: readonly (readonly [...unknown[], string])[]): Set<string> =>
    new Set(rows.map((row) => row.at(-1) as string));
  const missing = (phase: 'dns' | 'tcp' | 'tls', reached: Set<string>): string[] =>
    CONNECT_FAILURE_REASONS[phase].filter((reason) => !reached.has(reason));
  expect(missing('dns', reasons(DNS))).toEqual([]);
  expect(missing('tcp', reasons(TCP))).toEqual([]);
  expect(missing('tls', reasons([...TLS_CODES, ...SOCKET_ENDS]))).toEqual([]);
});

test.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC', true],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', true],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', false],
  ['ERR_OSSL_ALERT', false],
  ['ECONNRESET', false],
])('%s is an alert of the peer: %s', (code, is) => {
  expect(isTlsAlert(code)).toBe(is);
});
