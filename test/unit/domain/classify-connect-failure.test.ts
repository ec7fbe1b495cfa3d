import { expect, test } from 'vitest';
import {
  classifyDnsFailure,
  classifyTcpFailure,
  classifyTlsFailure,
  isTlsAlert,
  type TlsFault,
} from '../../../src/domain/classify-connect-failure.ts';
import { CONNECT_FAILURE_REASONS } from '../../../src/domain/connect-failure.ts';

const tls = (code: string): TlsFault => ({ kind: 'tls', code });
const socket = (signal: Extract<TlsFault, { kind: 'socket' }>['signal']): TlsFault => ({ kind: 'socket', signal });

const cases = [
  ['ENOTFOUND', classifyDnsFailure('ENOTFOUND'), 'dns/not_found'],
  ['ENODATA', classifyDnsFailure('ENODATA'), 'dns/not_found'],
  ['EAI_AGAIN', classifyDnsFailure('EAI_AGAIN'), 'dns/temporary'],
  ['ETIMEOUT', classifyDnsFailure('ETIMEOUT'), 'dns/timeout'],
  ['EAI_FAIL', classifyDnsFailure('EAI_FAIL'), 'dns/other'],
  ['ECONNREFUSED', classifyTcpFailure('ECONNREFUSED'), 'tcp/refused'],
  ['ETIMEDOUT', classifyTcpFailure('ETIMEDOUT'), 'tcp/timeout'],
  ['EHOSTUNREACH', classifyTcpFailure('EHOSTUNREACH'), 'tcp/host_unreachable'],
  ['EHOSTDOWN', classifyTcpFailure('EHOSTDOWN'), 'tcp/host_unreachable'],
  ['ENETUNREACH', classifyTcpFailure('ENETUNREACH'), 'tcp/network_unreachable'],
  ['EACCES', classifyTcpFailure('EACCES'), 'tcp/prohibited'],
  ['EPERM', classifyTcpFailure('EPERM'), 'tcp/prohibited'],
  ['EADDRNOTAVAIL', classifyTcpFailure('EADDRNOTAVAIL'), 'tcp/address_unavailable'],
  ['EMFILE', classifyTcpFailure('EMFILE'), 'tcp/fd_limit'],
  ['ENFILE', classifyTcpFailure('ENFILE'), 'tcp/fd_limit'],
  ['EINVAL', classifyTcpFailure('EINVAL'), 'tcp/other'],
  ['toString', classifyTcpFailure('toString'), 'tcp/other'],
  ['an expired certificate', classifyTlsFailure(tls('CERT_HAS_EXPIRED')), 'tls/certificate'],
  ['a self-signed certificate', classifyTlsFailure(tls('DEPTH_ZERO_SELF_SIGNED_CERT')), 'tls/certificate'],
  ['another name', classifyTlsFailure(tls('ERR_TLS_CERT_ALTNAME_INVALID')), 'tls/hostname'],
  ['a refused version', classifyTlsFailure(tls('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')), 'tls/version'],
  ['an unsupported version', classifyTlsFailure(tls('ERR_SSL_UNSUPPORTED_PROTOCOL')), 'tls/version'],
  ['a handshake alert', classifyTlsFailure(tls('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE')), 'tls/alert'],
  ['plain text', classifyTlsFailure(tls('ERR_SSL_WRONG_VERSION_NUMBER')), 'tls/not_tls'],
  ['a broken library', classifyTlsFailure(tls('ERR_OSSL_EVP_UNSUPPORTED')), 'tls/other'],
  ['FIN', classifyTlsFailure(socket({ kind: 'end', pendingError: null })), 'tls/eof'],
  ['FIN, then RST', classifyTlsFailure(socket({ kind: 'end', pendingError: 'EPIPE' })), 'tls/eof'],
  ['EPIPE at the connect', classifyTlsFailure(socket({ kind: 'errno', errno: 'EPIPE', via: 'connect' })), 'tls/eof'],
  ['close_notify', classifyTlsFailure(socket({ kind: 'closeNotify' })), 'tls/eof'],
  ['a reset behind data', classifyTlsFailure(socket({ kind: 'end', pendingError: 'ECONNRESET' })), 'tls/reset'],
  ['RST', classifyTlsFailure(socket({ kind: 'errno', errno: 'ECONNRESET', via: 'read' })), 'tls/reset'],
  ['a dead path', classifyTlsFailure(socket({ kind: 'errno', errno: 'ETIMEDOUT', via: 'read' })), 'tls/timeout'],
] as const;

test.each(cases)('%s is %j', (_, failure, expected) => {
  expect(`${failure.phase}/${failure.reason}`).toBe(expected);
  expect(CONNECT_FAILURE_REASONS[failure.phase] as readonly string[]).toContain(failure.reason);
});

test.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC', true],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', false],
  ['ECONNRESET', false],
])('%s is an alert of the peer: %s', (code, is) => {
  expect(isTlsAlert(code)).toBe(is);
});
