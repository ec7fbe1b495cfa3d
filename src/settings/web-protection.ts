/**
 * How our own web server is protected: the Prometheus exporter-toolkit web configuration, checked and with the files it
 * names already read. Loading it again is how a rotated certificate comes in.
 */
export type WebConfig = {
  /** Null: plain HTTP. */
  readonly tls: WebTls | null;
  /** User name to bcrypt hash; empty: no authentication. */
  readonly users: Readonly<Record<string, string>>;
  /** Added to every response. */
  readonly headers: Readonly<Record<string, string>>;
  /** A token bucket over all requests: one token each `intervalMs`, `burst` at most; over it: 429. Null: no limit. */
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | null;
};

/** No TLS, no users, nothing added: what holds without a web configuration file. */
export const OPEN_WEB: WebConfig = { tls: null, users: {}, headers: {}, rateLimit: null };

/** What loading the file gave; `problems` and `warnings` are lines with their place. */
export type WebConfigResult =
  | { readonly kind: 'loaded'; readonly web: WebConfig; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** How the web server speaks TLS, resolved from its configuration file. */
export type WebTls = {
  /** PEM text, as the runtime's TLS options take it. */
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
  readonly clientAuth: WebClientAuth;
  /** A client certificate must carry one of these subject alternative names (DNS, IP, e-mail or URI); empty: any. */
  readonly clientAllowedSans: readonly string[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL cipher list for TLS 1.2; null: the runtime's. */
  readonly ciphers: string | null;
  /** OpenSSL group list; null: the runtime's. */
  readonly ecdhCurve: string | null;
  readonly honorCipherOrder: boolean;
};

/** What is asked of a client: nothing, a certificate if it has one (not checked / checked), one it must have (not checked / checked). */
export type WebClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAnyClientCert'
  | 'RequireAndVerifyClientCert';
