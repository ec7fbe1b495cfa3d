/** OpenSSL writes them in capitals behind the version that brought them: `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
const NAMED_ALERT = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV1|TLSV13|TLS)_ALERT_([A-Z_]+)$/;

/** Alerts whose codes do not say that they are some (openssl/sslerr.h, SSL_R_TLSV1_... from 1110 on). */
const OTHER_ALERT =
  /^ERR_SSL_TLSV1_(UNSUPPORTED_EXTENSION|CERTIFICATE_UNOBTAINABLE|UNRECOGNIZED_NAME|BAD_CERTIFICATE_STATUS_RESPONSE|BAD_CERTIFICATE_HASH_VALUE)$/;

/**
 * The alert that the peer sent, by the runtime's error code and in the words of RFC 8446: `unknown_ca`. Null: the code is
 * about none.
 *
 * @example tlsAlertName('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')  // 'unknown_ca'
 */
export function tlsAlertName(code: string): string | null {
  const [, name] = NAMED_ALERT.exec(code) ?? OTHER_ALERT.exec(code) ?? [];
  return name?.toLowerCase() ?? null;
}
