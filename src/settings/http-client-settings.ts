import { DEFAULT_TLS_SETTINGS, type TlsSettings } from './tls-settings.ts';

/** How a client shows who it is. Files are paths that can be opened; each is read again at each request. */
export type HttpAuthentication =
  /** RFC 7617. The name stands here or in a file; no password file: an empty password. */
  | {
      readonly kind: 'basic';
      readonly username: string;
      readonly usernameFile: string | null;
      readonly passwordFile: string | null;
    }
  /** `Authorization: TYPE CREDENTIALS`. */
  | { readonly kind: 'credentials'; readonly type: string; readonly credentialsFile: string };

/** How an HTTPS server is spoken to. */
export type HttpTlsSettings = Omit<TlsSettings, 'expectCloseNotify'>;

/** What every request to one HTTP server begins with. */
export type HttpClientSettings = {
  readonly authentication: HttpAuthentication | null;
  readonly tls: HttpTlsSettings;
  readonly followRedirects: boolean;
};

const { serverName, caFile, certFile, keyFile, minVersion, insecureSkipVerify } = DEFAULT_TLS_SETTINGS;

/** What holds where the configuration says nothing. */
export const DEFAULT_HTTP_CLIENT_SETTINGS: HttpClientSettings = {
  authentication: null,
  tls: { serverName, caFile, certFile, keyFile, minVersion, insecureSkipVerify },
  followRedirects: true,
};
