/**
 * What a TLS handshake agreed on, and what the peer presented; also where its certificate was then refused. The words of a
 * certificate are the peer's: they are cut, and no control character is in them.
 */
export type TlsHandshake = {
  /** `TLSv1.3`. */
  readonly version?: string;
  /** The name of the IANA registry, `TLS_AES_256_GCM_SHA384`. */
  readonly cipher?: string;
  readonly isResumed: boolean;
  /** Certificate and name were verified, and are in order. False: they are not, or nobody was to look. */
  readonly isVerified: boolean;
  /** The peer's own certificate. Absent: it presented none. */
  readonly server?: PresentedCertificate;
};

/** One certificate. Distinguished names as in RFC 4514, the most specific part first: `CN=redis, O=Example, C=DE`. */
export type PresentedCertificate = {
  readonly subject: string;
  readonly issuer: string;
  /** Beginning and end of validity, wall-clock ms. */
  readonly notBefore: number;
  readonly notAfter: number;
};
