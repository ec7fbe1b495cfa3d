import { expect, test } from 'vitest';
import { tlsAlertName } from '../../../src/domain/tls-alert.ts';

/** Codes of the runtime (OpenSSL 3.0 to 3.5) and the names of RFC 8446 section 6, RFC 5246 and RFC 6066. */
test.each([
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'unknown_ca'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'handshake_failure'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'handshake_failure'],
  ['ERR_SSL_TLS_ALERT_PROTOCOL_VERSION', 'protocol_version'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate_required'],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'unrecognized_name'],
  ['ERR_SSL_TLSV1_UNSUPPORTED_EXTENSION', 'unsupported_extension'],
  ['ERR_SSL_TLSV1_CERTIFICATE_UNOBTAINABLE', 'certificate_unobtainable'],
  ['ERR_SSL_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE', 'bad_certificate_status_response'],
  ['ERR_SSL_TLSV1_BAD_CERTIFICATE_HASH_VALUE', 'bad_certificate_hash_value'],
  ['ERR_SSL_UNKNOWN_ALERT_TYPE', null],
  ['ERR_SSL_WRONG_VERSION_NUMBER', null],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME_', null],
  ['xERR_SSL_TLSV1_ALERT_UNKNOWN_CA', null],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA 2', null],
  ['xERR_SSL_TLSV1_UNRECOGNIZED_NAME', null],
  ['CERT_HAS_EXPIRED', null],
  ['ECONNRESET', null],
])('%s is the alert %s', (code, name) => {
  expect(tlsAlertName(code)).toBe(name);
});
