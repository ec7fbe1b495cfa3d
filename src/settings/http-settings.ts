import type { HttpClientSettings } from './http-client-settings.ts';

/** One entry of `http_sd_configs`. */
export type HttpSettings = {
  /** http or https, without user and password. Its query may hold a secret. */
  readonly url: string;
  readonly client: HttpClientSettings;
  /** Sent with each request to that server; a name may have several values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly refreshIntervalMs: number;
  readonly lingerMs: number;
};

/** What holds where an entry says nothing. */
export const DEFAULT_HTTP_SETTINGS = { refreshIntervalMs: 60_000, lingerMs: 0 } as const;
