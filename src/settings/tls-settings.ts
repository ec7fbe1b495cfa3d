/** How a peer is spoken to over TLS. Files are paths that can be opened, read again at each connect. */
export type TlsSettings = {
  /** Null: the host is used; no SNI is sent for an IP address. */
  readonly serverName: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly insecureSkipVerify: boolean;
  readonly expectCloseNotify: boolean;
};

/** What `tls: {}` means. */
export const DEFAULT_TLS_SETTINGS: TlsSettings = {
  serverName: null,
  caFile: null,
  certFile: null,
  keyFile: null,
  minVersion: 'TLSv1.2',
  insecureSkipVerify: false,
  expectCloseNotify: false,
};
