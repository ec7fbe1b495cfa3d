import { z } from 'zod';
import { count, duration, fieldNotes, filePath, oneOf, text, yesOrNo } from './field-schemas.ts';

/** TLS 1.2 suites that Go calls secure, by its names, with OpenSSL's. TLS 1.3 suites cannot be chosen in either. */
export const CIPHER_SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
};

/** Curves by Go's names, with OpenSSL's. */
export const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
};

const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  // An older name of RequireAnyClientCert, which the exporter-toolkit still takes.
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** PEM text written into the file itself. */
const inlinePem = () => z.string().register(fieldNotes, { expected: 'PEM text', secret: true }).optional();
const version = () => oneOf(['TLS12', 'TLS13']);

const tlsServer = z
  .strictObject({
    cert_file: filePath().optional(),
    key_file: filePath().optional(),
    cert: inlinePem(),
    key: inlinePem(),
    client_auth_type: oneOf(CLIENT_AUTH).prefault('NoClientCert'),
    client_ca_file: filePath().optional(),
    client_ca: inlinePem(),
    client_allowed_sans: z
      .array(text('a name, as a string'))
      .register(fieldNotes, { expected: 'a list of names' })
      .optional(),
    min_version: version().prefault('TLS12'),
    max_version: version().prefault('TLS13'),
    cipher_suites: listOfKnown(CIPHER_SUITES, 'a list of cipher suites'),
    curve_preferences: listOfKnown(CURVES, 'a list of curves'),
    prefer_server_cipher_suites: yesOrNo().prefault(true),
  })
  .register(fieldNotes, { expected: 'a map with cert_file and key_file' });

/** Header values are written to the wire as they are. */
const headerValue = z
  .string()
  .regex(/^[\t\x20-\x7e]*$/)
  .register(fieldNotes, { expected: 'a string of visible ASCII characters' });

const httpServer = z
  .strictObject({
    http2: yesOrNo().optional(),
    headers: z
      .strictObject({
        'Content-Security-Policy': headerValue.optional(),
        'X-Frame-Options': oneOf(['', 'deny', 'sameorigin']).optional(),
        'X-Content-Type-Options': oneOf(['', 'nosniff']).optional(),
        'X-XSS-Protection': headerValue.optional(),
        'Strict-Transport-Security': headerValue.optional(),
      })
      .register(fieldNotes, { expected: 'a map of headers' })
      .prefault({}),
  })
  .register(fieldNotes, { expected: 'a map with headers' });

const bcryptHash = z
  .string()
  .regex(/^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/)
  .register(fieldNotes, { expected: 'a bcrypt hash, as `htpasswd -nBC 10 "" | tr -d :` prints it', secret: true });

/** The web configuration file of the Prometheus exporter-toolkit. */
export const webConfigSchema = z
  .strictObject({
    tls_server_config: tlsServer.optional(),
    http_server_config: httpServer.prefault({}),
    basic_auth_users: z
      .record(z.string(), bcryptHash)
      .register(fieldNotes, { expected: 'a map of user names to bcrypt hashes' })
      .prefault({}),
    rate_limit: z
      .strictObject({ interval: duration().prefault('0s'), burst: count(0, 1_000_000).prefault(0) })
      .register(fieldNotes, { expected: 'a map with interval and burst' })
      .optional(),
  })
  .register(fieldNotes, { expected: 'a map with tls_server_config, http_server_config and basic_auth_users' });

export type TlsServerValues = z.output<typeof tlsServer>;
export type WebValues = z.output<typeof webConfigSchema>;

function listOfKnown(known: Readonly<Record<string, string>>, expected: string) {
  const word = z
    .string()
    .refine((name) => Object.hasOwn(known, name))
    .register(fieldNotes, { expected: `one of ${Object.keys(known).join(', ')}` });
  return z.array(word).register(fieldNotes, { expected }).prefault([]);
}
